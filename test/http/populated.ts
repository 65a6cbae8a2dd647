import { call } from './client.js';

const TINY = { resource_limits: { max_cost_usd: 0.001, max_subtasks: 1, timeout_seconds: 5 } };
const WORKFLOW = { input_type: 'user_prompt', content: { prompt: 'Say hello.' }, execution_context: TINY };

let made = 0;

/** One of everything that can be made over HTTP; gives the ids by collection, as the paths name them. */
export async function populate(url: string, admin: Record<string, string>): Promise<ReadonlyMap<string, string>> {
  made += 1;
  const make = async (path: string, body: object, headers: Record<string, string> = {}): Promise<string> => {
    const answer = await call<{ id?: string; workflow_id?: string; event_id?: string }>(`${url}/api/v1/${path}`, {
      body,
      headers: { ...admin, ...headers },
    });
    const id = answer.body.id ?? answer.body.workflow_id ?? answer.body.event_id;
    if (answer.status >= 300 || id === undefined) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return id;
  };
  const schedule = { name: 'A', schedule: '0 0 1 1 *', workflow_template: WORKFLOW };
  const trigger = { name: 'B', event_type: 'nothing.happens', workflow_template: WORKFLOW, enabled: false };
  const template = { name: `hostile-${made}`, template_type: 'system', content: 'Hello.', activate: false };
  const memory = { scope: 'global', memory_type: 'context', content: 'a secret of b' };
  return new Map([
    ['users', await make('auth/users', { username: `u${made}`, password: 'a password of a user', role: 'viewer' })],
    ['api-keys', await make('auth/api-keys', { name: 'k', role: 'viewer' })],
    ['prompt-templates', await make('llm/prompt-templates', template)],
    ['workflow-templates', await make('orchestrator/workflow-templates', { name: `w${made}`, ...WORKFLOW })],
    ['schedules', await make('orchestrator/schedules', schedule)],
    ['triggers', await make('orchestrator/triggers', trigger)],
    ['events', await make('orchestrator/events', { type: 'a.b', source: 'c', details: {} })],
    ['memories', await make('orchestrator/memories', memory)],
    ['workflows', await make('orchestrator/workflows/execute', WORKFLOW, { prefer: 'respond-async' })],
  ]);
}
