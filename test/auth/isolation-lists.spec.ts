import { Database } from '../../src/database/database.service.js';
import { IsolationRoom, routes, SECRET, type Who } from './isolation-room.js';

/** Lists of what somebody owns, with what A has in them. */
const LISTS: Readonly<Record<string, string>> = {
  '/api/v1/llm/interactions': 'interactions',
  '/api/v1/llm/budgets': 'workflows',
  '/api/v1/tools/executions': 'executions',
  '/api/v1/orchestrator/workflows/active': 'active',
  '/api/v1/orchestrator/workflows': 'workflows',
  '/api/v1/orchestrator/approvals': 'approvals',
  '/api/v1/orchestrator/workflow-templates': 'workflow-templates',
  '/api/v1/orchestrator/schedules': 'schedules',
  '/api/v1/orchestrator/triggers': 'triggers',
  '/api/v1/orchestrator/events': 'events',
  '/api/v1/orchestrator/memories': 'memories',
  '/api/v1/orchestrator/thought-trees': 'thought-trees',
  '/api/v1/orchestrator/agents': 'agents',
  '/api/v1/orchestrator/orchestrators': 'orchestrators',
};

/** Of the caller alone, but with nothing in them of what A made; or of what all share, and with no texts of anybody. */
const OTHERS = new Set([
  '/',
  '/health',
  '/livez',
  '/readyz',
  '/metrics',
  '/api/v1/auth/me',
  '/api/v1/llm/models',
  '/api/v1/llm/stats',
  '/api/v1/llm/costs',
  '/api/v1/llm/reservations',
  '/api/v1/llm/prompt-templates',
  '/api/v1/tools/available',
  '/api/v1/tools/files',
  '/api/v1/orchestrator/learning',
  '/api/v1/orchestrator/communications',
  '/api/v1/orchestrator/strategies',
  '/api/v1/orchestrator/input-types',
  '/api/v1/motivational/states',
  '/api/v1/motivational/tasks/recent',
  '/api/v1/motivational/integration/status',
  '/api/v1/motivational/feedback',
  '/api/v1/motivational/engine/status',
  '/api/v1/motivational/decisions',
  '/api/v1/system/health',
  '/api/v1/system/status',
  '/api/v1/system/info',
  '/api/v1/system/stats',
  '/api/v1/system/replicas',
  '/api/v1/system/config',
]);

/** What cannot be left out. */
const NEEDED: Readonly<Record<string, string>> = { '/api/v1/llm/costs': '?by=workflow' };

const reads = routes.filter(
  ({ method, path, operation }) => method === 'GET' && !path.includes('{') && operation['x-required-role'] !== 'admin',
);

let room: IsolationRoom;
let ids: ReadonlyMap<string, string>;
beforeAll(async () => {
  room = await IsolationRoom.start();
  ids = await room.everythingOf('a');
}, 180_000);
afterAll(() => room.close());

it('knows every route that reads without naming anything', () => {
  const known = [...Object.keys(LISTS), ...OTHERS];
  expect(reads.map(({ path }) => path).sort()).toEqual(known.sort());
});

it.each(reads.map(({ path }) => [path]))('GET %s tells nobody else of what A has', async (path) => {
  for (const who of ['b', 'viewer'] as const) {
    const { status, text } = await room.call(who, 'GET', `${path}${NEEDED[path] ?? ''}`);
    expect([who, status]).toEqual([who, 200]);
    expect(text).not.toContain(SECRET);
    expect([...ids].filter(([, id]) => text.includes(id))).toEqual([]);
  }
});

it.each(Object.entries(LISTS))('GET %s shows A and admins what A has of %s', async (path, what) => {
  for (const who of ['a', 'admin'] as const) {
    const { text } = await room.call(who, 'GET', `${path}?limit=100`);
    expect([who, text.includes(ids.get(what) ?? '?')]).toEqual([who, true]);
  }
});

it('lists that are asked for what is another’s are empty', async () => {
  const workflow = ids.get('workflows') ?? '';
  const asked = [
    `orchestrator/thought-trees?root_id=${workflow}`,
    `orchestrator/agents?thought_tree_id=${workflow}`,
    `orchestrator/communications?workflow_id=${workflow}`,
    `orchestrator/memories?q=${SECRET}`,
    `orchestrator/workflows?status=completed`,
    `llm/interactions?workflow_id=${workflow}`,
    `tools/executions?tool_name=file_operations`,
  ];
  for (const path of asked) {
    const { body } = await room.call<{ items: unknown[] }>('b', 'GET', `/api/v1/${path}`);
    expect([path, body.items]).toEqual([path, []]);
  }
});

it('messages of agents and open reservations are shown to whose they are', async () => {
  const database = room.nyx.app.get(Database);
  await database.query(
    `INSERT INTO agent_communications (id, sender_agent_id, thought_tree_id, workflow_id, message_type, content)
     SELECT gen_random_uuid(), a.id, t.id, t.root_id, 'notification', jsonb_build_object('text', $2::text)
       FROM agents a JOIN thought_trees t ON t.id = a.thought_tree_id WHERE a.id = $1`,
    [ids.get('agents'), SECRET],
  );
  const inDoubt = `status = 'in_doubt', executor_id = 'gone', settled_at = NULL`;
  await database.query(`UPDATE budget_ledger SET ${inDoubt} WHERE interaction_id = $1`, [ids.get('interactions')]);
  await database.query(
    `INSERT INTO budget_ledger (id, interaction_id, scope_ids, executor_id, status, reserved_usd)
     VALUES (gen_random_uuid(), gen_random_uuid(), '{}', 'gone', 'in_doubt', 0.1)`,
  );
  const shown = (who: Who): Promise<number[]> =>
    Promise.all(
      ['orchestrator/communications', 'llm/reservations?status=in_doubt'].map(async (path) => {
        const { body } = await room.call<{ items: unknown[] }>(who, 'GET', `/api/v1/${path}`);
        return body.items.length;
      }),
    );
  expect(await shown('a')).toEqual([1, 1]);
  expect(await shown('admin')).toEqual([1, 2]);
  for (const who of ['b', 'viewer'] as const) expect(await shown(who)).toEqual([0, 0]);
});

describe('money', () => {
  interface Costs {
    readonly items: readonly { readonly key: string; readonly requests: number }[];
    readonly total: { readonly requests: number; readonly cost_usd: number };
  }

  it.each(['principal', 'model', 'day', 'workflow', 'origin'])('costs by %s are one’s own', async (by) => {
    const path = `/api/v1/llm/costs?by=${by}`;
    const [ofA, ofB, ofAll] = [
      await room.call<Costs>('a', 'GET', path),
      await room.call<Costs>('b', 'GET', path),
      await room.call<Costs>('admin', 'GET', path),
    ];
    expect(ofB.body).toMatchObject({ items: [], total: { requests: 0, cost_usd: 0 } });
    // Only A has asked a model: what is read of A's calls is what the rollups say of all.
    expect(ofA.body.items.length).toBeGreaterThan(0);
    expect(ofA.body.items).toEqual(ofAll.body.items);
    expect(ofA.body.total).toEqual(ofAll.body.total);
  });

  it('so are the statistics', async () => {
    const [ofA, ofB, ofAll] = [
      await room.call('a', 'GET', '/api/v1/llm/stats'),
      await room.call('b', 'GET', '/api/v1/llm/stats'),
      await room.call('admin', 'GET', '/api/v1/llm/stats'),
    ];
    expect(ofB.body).toMatchObject({ total_requests: 0, total_cost_usd: 0, by_model: {}, by_origin: {} });
    expect(ofA.body.total_requests).toBeGreaterThan(1);
    expect({ ...ofA.body, timestamp: '' }).toEqual({ ...ofAll.body, timestamp: '' });
  });

  it('budgets are those of one’s own workflows, sessions and days', async () => {
    await room.made('a', 'llm/generate', { user_prompt: 'Hello.', session_id: 'talk' }, 'interaction_id');
    const kindsOf = async (who: 'a' | 'b' | 'admin'): Promise<string[]> => {
      const { body } = await room.call<{ items: { kind: string }[] }>(who, 'GET', '/api/v1/llm/budgets');
      return [...new Set(body.items.map(({ kind }) => kind))].sort();
    };
    expect(await kindsOf('a')).toEqual(['principal_day', 'session', 'workflow']);
    expect(await kindsOf('b')).toEqual([]);
    expect(await kindsOf('admin')).toEqual(expect.arrayContaining(['system_day', 'system_month']));
  });
});
