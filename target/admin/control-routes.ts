import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { lunNumber } from '../config/lun-options.js';
import { parseLunSpec } from '../config/lun-spec.js';
import { SIZE_EXPECTED, sizeInBytes } from '../config/size.js';
import type { Target } from '../options.js';
import {
  AccessStateChangeSchema,
  LunSchema,
  NewLunSchema,
  ProblemSchema,
  ResizeSchema,
  TargetPortGroupsSchema,
  type AccessStateChange,
  type NewLun,
  type Resize,
} from './schemas.js';
import { lunView, targetPortGroupsView } from './views.js';

/**
 * What the admin API changes. PUT and DELETE alone, which a page of another origin cannot send without being asked first
 * (Fetch, CORS-preflight), so that no web page that the user opens reaches it.
 */
export function addControlRoutes(app: FastifyInstance, target: Target): void {
  addTargetPortGroups(app, target);
  addLuns(app, target);
  addSizes(app, target);
}

function addTargetPortGroups(app: FastifyInstance, target: Target): void {
  const states = (): unknown => target.luns.map((lun) => targetPortGroupsView(target, lun));
  const response = { 200: Type.Array(TargetPortGroupsSchema), 404: ProblemSchema };
  app.get('/api/target-port-groups', { schema: { response } }, states);
  app.put<{ Params: { group: string }; Body: AccessStateChange }>(
    '/api/target-port-groups/:group',
    { schema: { body: AccessStateChangeSchema, response } },
    async ({ params, body }, reply) => {
      if (!/^\d+$/.test(params.group)) {
        const error = `no target port group '${params.group}': expected a number`;
        return reply.code(404).send({ error });
      }
      try {
        target.setAccessState(
          Number(params.group),
          body.state,
          body.lun === undefined ? undefined : [body.lun],
        );
      } catch (error) {
        if (error instanceof RangeError) return reply.code(404).send({ error: error.message });
        throw error;
      }
      return states();
    },
  );
  refuseOthers(app, '/api/target-port-groups/:group', ['PUT']);
}

const LUNS_RESPONSE = { 200: Type.Array(LunSchema), 400: ProblemSchema, 404: ProblemSchema };

const lunViews = (target: Target): unknown => target.luns.map((lun) => lunView(target, lun));

function addLuns(app: FastifyInstance, target: Target): void {
  const url = '/api/luns/:lun';
  app.put<{ Params: { lun: string }; Body: NewLun }>(
    url,
    { schema: { body: NewLunSchema, response: LUNS_RESPONSE } },
    async ({ params, body }, reply) => {
      try {
        await target.addLogicalUnit(parseLunSpec(`${params.lun},${body.spec}`));
      } catch (error) {
        return reply.code(400).send({ error: error instanceof Error ? error.message : String(error) });
      }
      return lunViews(target);
    },
  );
  app.delete<{ Params: { lun: string } }>(
    url,
    { schema: { response: LUNS_RESPONSE } },
    async ({ params }, reply) => {
      const lun = knownLun(params.lun, target);
      if (lun === undefined) {
        return reply.code(404).send({ error: noSuchLun(params.lun, target) });
      }
      await target.removeLogicalUnit(lun);
      return lunViews(target);
    },
  );
  refuseOthers(app, url, ['PUT', 'DELETE']);
}

function addSizes(app: FastifyInstance, target: Target): void {
  const url = '/api/luns/:lun/size';
  app.put<{ Params: { lun: string }; Body: Resize }>(
    url,
    { schema: { body: ResizeSchema, response: LUNS_RESPONSE } },
    async ({ params, body }, reply) => {
      const lun = knownLun(params.lun, target);
      if (lun === undefined) {
        return reply.code(404).send({ error: noSuchLun(params.lun, target) });
      }
      const sizeBytes = sizeInBytes(body.size);
      if (sizeBytes === undefined) {
        return reply.code(400).send({ error: `size '${body.size}': expected ${SIZE_EXPECTED}` });
      }
      try {
        await target.resizeLogicalUnit(lun, sizeBytes);
      } catch (error) {
        if (error instanceof RangeError) return reply.code(400).send({ error: error.message });
        throw error;
      }
      return lunViews(target);
    },
  );
  refuseOthers(app, url, ['PUT']);
}

function refuseOthers(app: FastifyInstance, url: string, allowed: readonly string[]): void {
  app.route({
    method: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'].filter((method) => !allowed.includes(method)),
    url,
    handler: async (request, reply) =>
      reply
        .code(405)
        .header('allow', allowed.join(', '))
        .send({ error: `${request.method} ${request.url}: expected ${allowed.join(' or ')}` }),
  });
}

/** The LUN that a path names, if it is there. */
export function knownLun(text: string, { luns }: Target): number | undefined {
  const lun = lunNumber(text);
  return lun !== undefined && luns.includes(lun) ? lun : undefined;
}

/** For whoever asked for a LUN that is not there. */
export const noSuchLun = (text: string, { luns }: Target): string =>
  `no LUN '${text}': expected ${luns.length === 0 ? 'none, there is no LUN' : `one of ${luns.join(', ')}`}`;
