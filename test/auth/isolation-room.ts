import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type ApiDocument, routesOf } from '../docs/operations.js';
import { type Answer, bearer, call, login } from '../http/client.js';
import { until } from '../support/until.js';
import { startApp, type TestApp } from '../support/app.js';

/** Stands in everything that A makes, and in nothing else. */
export const SECRET = 'zirconium';

/** What is committed, and so what every route is in. */
export const routes = routesOf(JSON.parse(readFileSync('openapi.json', 'utf8')) as ApiDocument);

export type Who = 'a' | 'b' | 'viewer' | 'admin';
type Headers = Record<string, string>;

/** Two operators, a viewer and an admin of a deployment that keeps principals apart. */
export class IsolationRoom {
  private constructor(
    readonly nyx: TestApp,
    private readonly callers: Readonly<Record<Who, Headers>>,
  ) {}

  static async start(isolatePrincipals = true): Promise<IsolationRoom> {
    const nyx = await startApp({ isolatePrincipals });
    const admin = bearer(await nyx.token('admin'));
    const member = async (username: string, role: string): Promise<Headers> => {
      const password = `the password of ${username}`;
      await call(`${nyx.url}/api/v1/auth/users`, { headers: admin, body: { username, password, role } });
      return bearer((await login(nyx.url, username, password)).access_token);
    };
    const [a, b] = [await member('alpha', 'operator'), await member('beta', 'operator')];
    return new IsolationRoom(nyx, { a, b, viewer: await member('vera', 'viewer'), admin });
  }

  /** Of which a socket is opened. */
  tokenOf(who: Who): string {
    return this.callers[who].authorization?.replace('Bearer ', '') ?? '';
  }

  close(): Promise<void> {
    return this.nyx.close();
  }

  call<Body = Record<string, unknown>>(
    who: Who,
    method: string,
    path: string,
    body?: unknown,
    headers: Headers = {},
  ): Promise<Answer<Body>> {
    return call<Body>(`${this.nyx.url}${path}`, { method, body, headers: { ...this.callers[who], ...headers } });
  }

  /** The member of the answer, which must be a good one. */
  async made(who: Who, path: string, body: object, member = 'id'): Promise<string> {
    const answer = await this.call<Record<string, string>>(who, 'POST', `/api/v1/${path}`, body);
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer.body[member] ?? '';
  }

  /** Of everything that there can be one; ids by what the paths name. @param word stands in it */
  async everythingOf(who: Who, word = SECRET): Promise<ReadonlyMap<string, string>> {
    const unique = randomUUID().slice(0, 8);
    const prompt = `Say ${word} and no more.`;
    const workflow = { input_type: 'user_prompt', content: { prompt } };
    const review = { execution_context: { quality_settings: { require_human_review: true } } };
    const schedule = { name: word, schedule: '0 0 1 1 *', workflow_template: workflow };
    const trigger = { name: word, event_type: `happened.${unique}`, workflow_template: workflow };
    const event = { type: `told.${unique}`, source: word, details: { secret: word } };
    const memory = { scope: 'global', memory_type: 'learning', content: `What is known of ${word}.` };
    const file = { operation: 'write_file', path: `${word}.txt`, content: word };
    const run = { tool_name: 'file_operations', parameters: file };
    const ended = await this.made(who, 'orchestrator/workflows/execute', workflow, 'workflow_id');
    const asking = await this.call<Record<string, string>>(
      who,
      'POST',
      '/api/v1/orchestrator/workflows/execute',
      { ...workflow, ...review },
      { prefer: 'respond-async' },
    );
    const waiting = asking.body.workflow_id ?? '';
    const approvals = `/api/v1/orchestrator/workflows/${waiting}/approvals`;
    const first = async (path: string): Promise<string> => {
      const { body } = await this.call<{ items: { id: string }[] }>(who, 'GET', path);
      return body.items[0]?.id ?? '';
    };
    await until('it asks a person', async () => (await first(approvals)) !== '', 60_000);
    return new Map([
      ['workflows', ended],
      ['active', waiting],
      ['approvals', await first(approvals)],
      ['thought-trees', ended],
      ['agents', await first('/api/v1/orchestrator/agents')],
      ['orchestrators', await first('/api/v1/orchestrator/orchestrators')],
      ['interactions', await this.made(who, 'llm/generate', { user_prompt: prompt }, 'interaction_id')],
      ['executions', await this.made(who, 'tools/execute', run, 'execution_id')],
      ['memories', await this.made(who, 'orchestrator/memories', memory)],
      ['schedules', await this.made(who, 'orchestrator/schedules', schedule)],
      ['triggers', await this.made(who, 'orchestrator/triggers', trigger)],
      ['events', await this.made(who, 'orchestrator/events', event, 'event_id')],
      [
        'workflow-templates',
        await this.made(who, 'orchestrator/workflow-templates', { name: `t-${unique}`, ...workflow }),
      ],
    ]);
  }
}
