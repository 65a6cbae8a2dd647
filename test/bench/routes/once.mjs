import { PASSWORD } from '../nyx-process.mjs';
import { approvalOf, makeReservation, reviewed, untilEnded } from './one-of-each.mjs';
import { direct } from '../workloads.mjs';

const AUTH = '/api/v1/auth';
const ORCHESTRATOR = '/api/v1/orchestrator';
const WORKFLOWS = `${ORCHESTRATOR}/workflows`;
const PROMPTS = '/api/v1/llm/prompt-templates';
const WEBHOOKS = '/api/v1/system/webhooks';
const MAX_WEBHOOKS = 50;

const ASYNC = { headers: { prefer: 'respond-async' } };
/** Its time is over before it begins, also of its retry. */
const LATE = { ...direct(), execution_context: { resource_limits: { max_execution_time_minutes: 0.000001 } } };

const withToken = ({ access_token: token }) => ({ authorization: `Bearer ${token}` });

const ended = async (items, client) => {
  for (const { id } of items) await untilEnded(client, id);
};

const asked = async (items, client) => {
  for (const item of items) item.approval_id = await approvalOf(client, item.workflow_id);
};

/**
 * What can be asked of a row only once: each chain begins with as many items as there are requests, and each of its steps asks one
 * route for every item, so that the answers of one are what the next is asked for. A step is a route, the body for an item and what
 * else there is to it.
 */
export const chains = ({ ids, nyxDatabase }) => [
  {
    steps: [
      [`POST ${AUTH}/users`, ({ name }) => ({ username: name, password: 'soon to be removed again', role: 'viewer' })],
      [`PATCH ${AUTH}/users/{id}`, () => ({ role: 'operator' })],
      [`POST ${AUTH}/users/{id}/erase`],
      [`DELETE ${AUTH}/users/{id}`],
    ],
  },
  {
    steps: [
      [`POST ${AUTH}/login`, () => ({ username: 'admin', password: PASSWORD })],
      [`POST ${AUTH}/refresh`, ({ refresh_token }) => ({ refresh_token })],
      [`POST ${AUTH}/logout`, undefined, { headersOf: withToken }],
    ],
  },
  { steps: [[`POST ${AUTH}/api-keys`, ({ name }) => ({ name, role: 'viewer' })], [`DELETE ${AUTH}/api-keys/{id}`]] },
  {
    most: MAX_WEBHOOKS - 10,
    steps: [
      [`POST ${WEBHOOKS}`, () => ({ url: 'http://127.0.0.1:9/', event_types: ['workflow.failed'], enabled: false })],
      [`PATCH ${WEBHOOKS}/{id}`, ({ name }) => ({ description: name })],
      [`DELETE ${WEBHOOKS}/{id}`],
    ],
  },
  {
    steps: [
      [`POST ${PROMPTS}`, ({ name }) => ({ name, template_type: 'system', content: 'Hello.', activate: false })],
      [`POST ${PROMPTS}/{id}/activate`],
      [`PUT ${PROMPTS}/{id}`, () => ({ content: 'Hello again.' })],
      [`DELETE ${PROMPTS}/{id}`],
    ],
  },
  {
    steps: [
      [
        `PUT /api/v1/tools/files/{path}`,
        ({ name }) => name,
        { headers: { 'content-type': 'application/octet-stream' } },
      ],
      [`DELETE /api/v1/tools/files/{path}`],
    ],
  },
  {
    steps: [
      [
        `POST ${ORCHESTRATOR}/memories`,
        () => ({ scope: 'session', scope_key: 'b', memory_type: 'context', content: 'x' }),
      ],
      [`DELETE ${ORCHESTRATOR}/memories/{id}`],
    ],
  },
  {
    steps: [
      [`POST ${ORCHESTRATOR}/workflow-templates`, ({ name }) => ({ name, ...direct() })],
      [`PATCH ${ORCHESTRATOR}/workflow-templates/{id}`, () => ({ description: 'Another version' })],
      [`DELETE ${ORCHESTRATOR}/workflow-templates/{id}`],
    ],
  },
  {
    steps: [
      [
        `POST ${ORCHESTRATOR}/triggers`,
        ({ name }) => ({ name, event_type: 'bench.never', workflow_template: direct() }),
      ],
      [`PATCH ${ORCHESTRATOR}/triggers/{id}`, () => ({ debounce_seconds: 1 })],
      [`DELETE ${ORCHESTRATOR}/triggers/{id}`],
    ],
  },
  {
    steps: [
      [
        `POST ${ORCHESTRATOR}/schedules`,
        ({ name }) => ({ name, schedule: '0 0 1 1 *', workflow_template: reviewed(direct()) }),
      ],
      [`PATCH ${ORCHESTRATOR}/schedules/{id}`, () => ({ schedule: '0 0 1 2 *' })],
      [`POST ${ORCHESTRATOR}/schedules/{id}/pause`],
      [`POST ${ORCHESTRATOR}/schedules/{id}/resume`],
      [`POST ${ORCHESTRATOR}/schedules/{id}/run`],
      asked,
      [`POST ${WORKFLOWS}/{id}/cancel`, undefined, { id: 'workflow_id' }],
      [`DELETE ${ORCHESTRATOR}/schedules/{id}`],
    ],
  },
  {
    steps: [
      [`POST ${WORKFLOWS}/execute`, ({ number }) => reviewed(direct(number)), ASYNC],
      asked,
      [`POST ${WORKFLOWS}/{id}/pause`],
      [`POST ${WORKFLOWS}/{id}/resume`],
      [`POST ${WORKFLOWS}/{id}/approvals/{approval_id}`, () => ({ decision: 'approve' })],
      ended,
      [`DELETE ${WORKFLOWS}/{id}`],
    ],
  },
  { steps: [[`POST ${WORKFLOWS}/execute`, () => LATE, ASYNC], ended, [`POST ${WORKFLOWS}/{id}/retry`], ended] },
  {
    begin: async () => ({ interaction_id: await makeReservation(nyxDatabase, ids.get(WORKFLOWS)) }),
    steps: [['POST /api/v1/llm/reservations/{interaction_id}/release']],
  },
  {
    begin: async (client) => {
      const webhook = ids.get(WEBHOOKS);
      const { items } = (await client.get(`${WEBHOOKS}/${webhook}/deliveries`)).json;
      return { id: webhook, delivery_id: items[0].id };
    },
    steps: [[`POST ${WEBHOOKS}/{id}/deliveries/{delivery_id}/redeliver`]],
  },
];
