import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Target } from '../options.js';
import {
  AccessStateChangeSchema,
  ProblemSchema,
  TargetPortGroupsSchema,
  type AccessStateChange,
} from './schemas.js';
import { targetPortGroupsView } from './views.js';

/**
 * What the admin API changes. PUT alone, which a page of another origin cannot send without being asked first (Fetch,
 * CORS-preflight), so that no web page that the user opens reaches it.
 */
export function addControlRoutes(app: FastifyInstance, target: Target): void {
  const states = (): unknown => target.luns.map((lun) => targetPortGroupsView(target, lun));
  const response = { 200: Type.Array(TargetPortGroupsSchema), 404: ProblemSchema };
  app.get('/api/target-port-groups', { schema: { response } }, states);
  app.put<{ Params: { group: string }; Body: AccessStateChange }>(
    '/api/target-port-groups/:group',
    { schema: { body: AccessStateChangeSchema, response } },
    async ({ params, body }, reply) => {
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
  app.route({
    method: ['GET', 'POST', 'PATCH', 'DELETE'],
    url: '/api/target-port-groups/:group',
    handler: async ({ method, url }, reply) =>
      reply
        .code(405)
        .header('allow', 'PUT')
        .send({ error: `${method} ${url}: expected PUT` }),
  });
}
