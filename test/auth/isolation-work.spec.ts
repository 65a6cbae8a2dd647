import { randomUUID } from 'node:crypto';
import { Database } from '../../src/database/database.service.js';
import { MemorySweep } from '../../src/orchestrator/memory/memory-sweep.js';
import { MemoryTool } from '../../src/orchestrator/memory/memory.tool.js';
import { MAX_PER_PLACE } from '../../src/orchestrator/memory/memory.values.js';
import type { Answer } from '../http/client.js';
import { until } from '../support/until.js';
import { IsolationRoom, SECRET, type Who } from './isolation-room.js';

/** Planners are shown memories. */
const PLANNED = { execution_context: { execution_preferences: { strategy: 'parallel_execution' } } };
const PROMPT = { input_type: 'user_prompt', content: { prompt: `Tell all that is known of ${SECRET}.` } };

let room: IsolationRoom;
let ids: ReadonlyMap<string, string>;
beforeAll(async () => {
  room = await IsolationRoom.start();
  ids = await room.everythingOf('a');
}, 180_000);
afterAll(() => room.close());

const idOf = (what: string): string => ids.get(what) ?? '';
const post = (who: Who, path: string, body: object): Promise<Answer> => room.call(who, 'POST', `/api/v1/${path}`, body);

/** What it says, without the ids that were asked for. */
const said = ({ body, status }: Answer, ...asked: string[]): unknown => {
  const { errors, detail } = body as { errors?: unknown; detail: string };
  return JSON.parse(asked.reduce((text, id) => text.replaceAll(id, '…'), JSON.stringify({ status, errors, detail })));
};

describe('what is another’s is, in a body, as if it were not', () => {
  const continuing = (id: string): object => ({
    input_type: 'continuation_workflow',
    content: { parent_workflow_id: id, continuation_type: 'refine', prompt: 'Go on.' },
  });
  const run = { tool_name: 'file_operations', parameters: { operation: 'list_directory', path: '.' } };

  it.each([
    ['a parent', 'orchestrator/workflows/execute', 'workflows', continuing],
    [
      'the thought of a call',
      'llm/generate',
      'thought-trees',
      (id: string) => ({ user_prompt: 'x', thought_tree_id: id }),
    ],
    ['the agent of a call', 'llm/generate', 'agents', (id: string) => ({ user_prompt: 'x', agent_id: id })],
    ['the thought of a run', 'tools/execute', 'thought-trees', (id: string) => ({ ...run, thought_tree_id: id })],
    ['the agent of a run', 'tools/execute', 'agents', (id: string) => ({ ...run, agent_id: id })],
  ])('%s', async (_name, path, what, bodyOf) => {
    const nobodys = randomUUID();
    const ofNobody = await post('b', path, bodyOf(nobodys));
    const ofAnother = await post('b', path, bodyOf(idOf(what)));
    expect(ofNobody.status).toBe(400);
    expect(said(ofAnother, idOf(what))).toEqual(said(ofNobody, nobodys));
    expect((await post('a', path, bodyOf(idOf(what)))).status).toBeLessThan(300);
  });
});

describe('memories', () => {
  it('agents recall those of their principal alone', async () => {
    const shownTo = async (who: Who): Promise<number> => {
      const id = await room.made(who, 'orchestrator/workflows/execute', { ...PROMPT, ...PLANNED }, 'workflow_id');
      const rows = await room.nyx.app
        .get(Database)
        .query<{ memories: string[] }>(
          `SELECT coalesce(a.context->'memories', '[]') AS memories FROM agents a JOIN thought_trees t ON t.id = a.thought_tree_id WHERE t.root_id = $1`,
          [id],
        );
      return new Set(rows.flatMap(({ memories }) => memories)).size;
    };
    expect(await shownTo('b')).toBe(0);
    expect(await shownTo('admin')).toBe(0);
    expect(await shownTo('a')).toBeGreaterThan(0);
  });

  it('however many somebody keeps, they do not crowd out another’s', async () => {
    const faint = { scope: 'global', memory_type: 'learning', content: 'Hardly worth it.', relevance: 0 };
    const id = await room.made('a', 'orchestrator/memories', faint);
    const ofB = (await room.call('b', 'GET', '/api/v1/auth/me')).body.id;
    await room.nyx.app.get(Database).query(
      `INSERT INTO memories (id, scope, memory_type, content, search, metadata, relevance, principal_id, expires_at)
       SELECT gen_random_uuid(), 'global', 'learning', 'x', '', '{}', 1, $1, now() + interval '1 day' FROM generate_series(1, $2)`,
      [ofB, MAX_PER_PLACE + 50],
    );
    // The sweep of the background may be at it too.
    await until('what is too much is gone', async () => {
      await room.nyx.app.get(MemorySweep).run();
      const [kept] = await room.nyx.app
        .get(Database)
        .query<{ count: number }>('SELECT count(*)::int FROM memories WHERE principal_id = $1', [ofB]);
      return (kept?.count ?? NaN) <= MAX_PER_PLACE;
    });
    expect((await room.call('a', 'GET', `/api/v1/orchestrator/memories/${id}`)).status).toBe(200);
  });

  it('nor do their tools reach another’s', async () => {
    const found = await post('b', 'tools/execute', {
      tool_name: 'memory',
      parameters: { operation: 'search', query: SECRET, min_relevance: 0 },
    });
    expect(found.text).not.toContain(idOf('memories'));
    const forgotten = await post('b', 'tools/execute', {
      tool_name: 'memory',
      parameters: { operation: 'forget', scope: 'global' },
    });
    expect(forgotten.status).toBe(200);
    expect((await room.call('a', 'GET', `/api/v1/orchestrator/memories/${idOf('memories')}`)).status).toBe(200);
    const agent = { kind: 'agent', principalId: 'somebody else', workflowId: randomUUID(), agentId: randomUUID() };
    const context = { caller: { ...agent, thoughtId: agent.workflowId, allowance: {} }, executionId: randomUUID() };
    const tool = room.nyx.app.get(MemoryTool);
    const got = await tool.run({ operation: 'retrieve', id: idOf('memories') }, context as never);
    expect(got).toMatchObject({ success: false, output: null });
  });
});

describe('workflow templates', () => {
  const view = (who: Who, id: string): Promise<Answer> =>
    room.call(who, 'GET', `/api/v1/orchestrator/workflow-templates/${id}`);
  const scheduled = (name: string): object => ({ schedule: '0 0 1 1 *', workflow_template: name });

  it('those of admins are for all to read and run, and for admins to change', async () => {
    const id = await room.made('admin', 'orchestrator/workflow-templates', { name: 'shared', ...PROMPT });
    expect((await view('b', id)).status).toBe(200);
    expect((await post('b', 'orchestrator/schedules', scheduled('shared'))).status).toBe(201);
    const path = `/api/v1/orchestrator/workflow-templates/${id}`;
    expect((await room.call('b', 'PATCH', path, { name: 'mine' })).status).toBe(404);
    expect((await room.call('b', 'DELETE', path)).status).toBe(404);
    expect((await room.call('admin', 'PATCH', path, { name: 'shared' })).status).toBe(200);
  });

  it('another’s is not there to be run', async () => {
    await room.made('a', 'orchestrator/workflow-templates', { name: 'of-a', ...PROMPT });
    const asked = await post('b', 'orchestrator/schedules', scheduled('of-a'));
    const unknown = await post('b', 'orchestrator/schedules', scheduled('of-x'));
    expect(asked.status).toBe(400);
    expect(said(asked, 'of-a')).toEqual(said(unknown, 'of-x'));
    expect((await post('a', 'orchestrator/schedules', scheduled('of-a'))).status).toBe(201);
  });
});

it('an event sets off the triggers of who tells it; of an admin, all', async () => {
  const trigger = { event_type: 'shared.type', workflow_template: PROMPT };
  const ofA = await room.made('a', 'orchestrator/triggers', trigger);
  const ofB = await room.made('b', 'orchestrator/triggers', trigger);
  const toldBy = async (who: Who): Promise<string[]> => {
    const { body } = await post(who, 'orchestrator/events', { type: 'shared.type', source: 'here' });
    return (body as { workflows: { trigger_id: string }[] }).workflows.map(({ trigger_id: id }) => id).sort();
  };
  expect(await toldBy('a')).toEqual([ofA]);
  expect(await toldBy('b')).toEqual([ofB]);
  expect(await toldBy('admin')).toEqual([ofA, ofB].sort());
});

it('a boost tells others neither who gave it nor why', async () => {
  const path = '/api/v1/motivational/states/maximize_coverage';
  await room.call('a', 'POST', `${path}/boost`, { boost_amount: 0.1, reason: SECRET });
  expect((await room.call('a', 'GET', path)).text).toContain(SECRET);
  expect((await room.call('b', 'GET', path)).text).not.toContain(SECRET);
});
