import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { direct, planned } from '../workloads.mjs';

const ORCHESTRATOR = '/api/v1/orchestrator';
const WEBHOOKS = '/api/v1/system/webhooks';
const BOUND_MS = 60_000;

/** Ends only when a person has agreed to its result. */
export const reviewed = (workflow) => ({
  ...workflow,
  execution_context: { ...workflow.execution_context, quality_settings: { require_human_review: true } },
});

async function until(what, look) {
  for (const deadline = Date.now() + BOUND_MS; Date.now() < deadline; await sleep(50)) {
    const found = await look();
    if (found) return found;
  }
  throw new Error(`Waited in vain for ${what}.`);
}

/** Its agent tells the others something. */
const telling = {
  input_type: 'user_prompt',
  content: { prompt: 'Call communicate with {"message_type": "notification", "content": "The river is wide."}' },
  execution_context: { execution_preferences: { strategy: 'direct_execution', tools: ['communicate'] } },
};

let made = 0;

/** One of every kind; gives the ids by the path of their collection. */
export async function makeOneOfEach({ nyx: { client }, nyxDatabase }) {
  made += 1;
  const make = async (path, body, method = 'POST', headers = {}) => {
    const { status, json, text } = await client.send(method, path, body, headers);
    if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${text.slice(0, 300)}`);
    return json.id ?? json.event_id;
  };
  const newest = (path) => until(path, async () => (await client.get(path)).json.items.at(0)?.id);
  const timer = { name: 'bench', schedule: '0 0 1 1 *', workflow_template: direct() };
  const trigger = { name: 'bench', event_type: 'bench.never', workflow_template: direct() };
  const prompt = { name: `bench-${made}`, template_type: 'system', content: 'Hello.', activate: false };

  const workflow = await runReviewed(client, make);
  await client.run(telling);
  await makeTask(client, make);
  await makeReservation(nyxDatabase, workflow);
  await make('/api/v1/tools/files/bench/a.md', 'A file', 'PUT', { 'content-type': 'application/octet-stream' });
  const template = await make(`${ORCHESTRATOR}/workflow-templates`, { name: `bench-${made}`, ...direct() });
  await make(`${ORCHESTRATOR}/workflow-templates/${template}`, { description: 'Another version' }, 'PATCH');
  await client.accept(reviewed(direct()));
  await newest(`${ORCHESTRATOR}/approvals`);
  return new Map([
    ['/api/v1/auth/api-keys', await make('/api/v1/auth/api-keys', { name: 'bench', role: 'viewer' })],
    [WEBHOOKS, await makeWebhook(client, make)],
    ['/api/v1/llm/interactions', await newest(`/api/v1/llm/interactions?workflow_id=${workflow}`)],
    ['/api/v1/llm/budgets', await newest('/api/v1/llm/budgets?kind=workflow')],
    ['/api/v1/llm/prompt-templates', await make('/api/v1/llm/prompt-templates', prompt)],
    ['/api/v1/tools/executions', await newest('/api/v1/tools/executions')],
    ['/api/v1/tools/files', 'bench'],
    ['/api/v1/motivational/states', 'idle_exploration'],
    [`${ORCHESTRATOR}/workflows`, workflow],
    [`${ORCHESTRATOR}/thought-trees`, workflow],
    [`${ORCHESTRATOR}/agents`, await newest(`${ORCHESTRATOR}/agents?thought_tree_id=${workflow}`)],
    [`${ORCHESTRATOR}/workflow-templates`, template],
    [`${ORCHESTRATOR}/schedules`, await make(`${ORCHESTRATOR}/schedules`, timer)],
    [`${ORCHESTRATOR}/triggers`, await make(`${ORCHESTRATOR}/triggers`, trigger)],
    [`${ORCHESTRATOR}/events`, await make(`${ORCHESTRATOR}/events`, { type: 'bench.event', source: 'bench' })],
    [
      `${ORCHESTRATOR}/memories`,
      await make(`${ORCHESTRATOR}/memories`, { scope: 'global', memory_type: 'context', content: 'A bench' }),
    ],
  ]);
}

export const approvalOf = (client, workflow) =>
  until('a question to people', async () => {
    const { items } = (await client.get(`${ORCHESTRATOR}/workflows/${workflow}/approvals`)).json;
    return items.at(0)?.id;
  });

export const untilEnded = (client, workflow) =>
  until('the end of a workflow', async () => {
    const { status } = (await client.get(`${ORCHESTRATOR}/workflows/${workflow}/status`)).json;
    return status === 'completed' || status === 'failed';
  });

async function runReviewed(client, make) {
  const id = await client.accept(reviewed(planned()));
  const approval = await approvalOf(client, id);
  await make(`${ORCHESTRATOR}/workflows/${id}/approvals/${approval}`, { decision: 'approve' });
  await untilEnded(client, id);
  return id;
}

/** An evaluation that gives a motivation a task: to find out why a tool keeps failing. */
async function makeTask(client, make) {
  const nowhere = { tool_name: 'file_operations', parameters: { operation: 'read_file', path: 'nowhere.md' } };
  for (let failed = 0; failed < 3; failed++) await make('/api/v1/tools/execute', nowhere);
  const engine = '/api/v1/motivational/engine';
  await make(`${engine}/start`, { evaluation_interval: 1, min_arbitration_threshold: 0, test_mode: true });
  await until(
    'a task of the engine',
    async () => (await client.get('/api/v1/motivational/tasks/recent')).json.recent_tasks.length > 0,
  );
  await make(`${engine}/stop`);
}

/** Owed nothing any more when its one event was delivered. */
async function makeWebhook(client, make) {
  const receiver = createServer((_request, response) => response.writeHead(204).end());
  await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${receiver.address().port}/`;
    const id = await make(WEBHOOKS, { url, event_types: ['workflow.completed'] });
    await client.run(direct());
    await until('a delivery', async () => {
      const { items } = (await client.get(`${WEBHOOKS}/${id}/deliveries?status=delivered`)).json;
      return items.length > 0;
    });
    await make(`${WEBHOOKS}/${id}`, { enabled: false }, 'PATCH');
    return id;
  } finally {
    receiver.closeAllConnections();
    receiver.close();
  }
}

/** In doubt, as only a crash in the middle of a call leaves it. Answers the id of its interaction. */
export async function makeReservation(nyxDatabase, workflow) {
  const { interaction_id: id } = await nyxDatabase.one(
    `WITH call AS (
       INSERT INTO llm_interactions (id, workflow_id, principal_id, purpose, provider, model, prompt_text, status, success, error_code)
       SELECT gen_random_uuid(), id, principal_id, 'direct', 'offline', 'model', 'bench', 'in_doubt', false, 'OUTCOME_UNKNOWN'
         FROM workflows WHERE id = $1 RETURNING id, workflow_id
     ), held AS (
       UPDATE budget_scopes SET in_doubt_usd = in_doubt_usd + 0.001 FROM call
        WHERE kind = 'workflow' AND key = call.workflow_id::text RETURNING budget_scopes.id
     )
     INSERT INTO budget_ledger (id, interaction_id, scope_ids, executor_id, status, reserved_usd)
     SELECT gen_random_uuid(), call.id, ARRAY[held.id], 'gone', 'in_doubt', 0.001 FROM call, held RETURNING interaction_id`,
    [workflow],
  );
  return id;
}
