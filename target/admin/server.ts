import {
  fastify,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifySchemaValidationError,
} from 'fastify';
import { Type } from 'typebox';
import { formatPortal } from '../../protocol/index.js';
import { isLoopback, isLoopbackHostHeader } from '../access/index.js';
import { ConfigurationError } from '../config/config-error.js';
import type { Target } from '../options.js';
import { addControlRoutes, knownLun, noSuchLun } from './control-routes.js';
import { EventClients } from './event-clients.js';
import { LunSchema, ProblemSchema, ReservationStateSchema, SessionSchema, TargetSchema } from './schemas.js';
import type { Admin, AdminOptions } from './start.js';
import { lunView, reservationStateView, sessionView, targetView } from './views.js';

/** What `startAdmin` does, with the web server loaded. */
export async function serveAdmin(target: Target, options: AdminOptions): Promise<Admin> {
  const { host, port } = options;
  if (!isLoopback(host)) {
    throw new ConfigurationError(`admin API: ${host} is not a loopback address, expected 127.0.0.1 or [::1]`);
  }
  const clients = new EventClients(target, options.eventQueueBytesMax);
  const app = fastify({
    forceCloseConnections: true,
    // A misspelt member or a wrong type is an error: by default ajv would drop the one and convert the other without a word.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
    schemaErrorFormatter: ([first], place) => new Error(problemOf(first, place)),
    frameworkErrors: (error, _request, reply: FastifyReply) => {
      void reply.code(400).send({ error: error.message });
    },
  });
  acceptEmptyJson(app);
  app.addHook('onRequest', async (request, reply) => {
    if (!isLoopbackHostHeader(request.headers.host)) {
      await reply.code(403).send({ error: 'expected a loopback name in the Host header' });
    }
  });
  app.addHook('preClose', () => {
    clients.close();
  });
  addRoutes(app, target, clients);
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    throw new ConfigurationError(`admin API: ${describeListenError(cause, host, port)}`, { cause });
  }
  const address = app.server.address();
  const boundPort = address !== null && typeof address === 'object' ? address.port : port;
  return {
    url: `http://${formatPortal({ host, port: boundPort })}`,
    close: () => app.close(),
  };
}

/** The first thing that is wrong with a body; what ajv says of an enumeration leaves out what it has. */
function problemOf(first: FastifySchemaValidationError | undefined, place: string): string {
  const { instancePath = '', message = 'is wrong', params = {} } = first ?? {};
  const allowed = params['allowedValues'];
  const problem = Array.isArray(allowed) ? `: expected one of ${allowed.join(', ')}` : ` ${message}`;
  return `${place}${instancePath}${problem}`;
}

/** Many clients name JSON on every request, a DELETE without a body among them. */
function acceptEmptyJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null);
    else void parse(request, body.toString(), done);
  });
}

function describeListenError(cause: unknown, host: string, port: number): string {
  const code = (cause as NodeJS.ErrnoException).code;
  const where = formatPortal({ host, port });
  return code === 'EADDRINUSE'
    ? `${where} is in use already`
    : `cannot listen on ${where} (${code ?? 'error'})`;
}

function addRoutes(app: FastifyInstance, target: Target, clients: EventClients): void {
  app.get('/api/targets', { schema: { response: { 200: Type.Array(TargetSchema) } } }, () => [
    targetView(target),
  ]);
  app.get('/api/luns', { schema: { response: { 200: Type.Array(LunSchema) } } }, () =>
    target.luns.map((lun) => lunView(target, lun)),
  );
  app.get('/api/sessions', { schema: { response: { 200: Type.Array(SessionSchema) } } }, () =>
    target.sessions().map(sessionView),
  );
  app.get<{ Params: { lun: string } }>(
    '/api/luns/:lun/reservations',
    { schema: { response: { 200: ReservationStateSchema, 404: ProblemSchema } } },
    async (request, reply) => {
      const lun = knownLun(request.params.lun, target);
      if (lun === undefined) {
        return reply.code(404).send({ error: noSuchLun(request.params.lun, target) });
      }
      return reservationStateView(target.reservations(lun));
    },
  );
  addControlRoutes(app, target);
  app.get('/api/events', { schema: { response: { 503: ProblemSchema } } }, async (_request, reply) => {
    if (clients.isFull) return reply.code(503).send({ error: 'too many event stream clients' });
    reply.hijack();
    clients.add(reply.raw);
  });
  app.setErrorHandler<FastifyError>(async (error, _request, reply) =>
    reply.code(error.statusCode ?? 500).send({ error: error.message }),
  );
  app.setNotFoundHandler(async (request, reply) => {
    if (request.method === 'GET' || request.method === 'HEAD') {
      return reply.code(404).send({ error: `nothing at ${request.url}` });
    }
    return reply
      .code(405)
      .header('allow', 'GET, HEAD')
      .send({ error: `${request.method} ${request.url}: expected GET` });
  });
}
