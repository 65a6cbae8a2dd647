import { IsolationRoom, SECRET } from '../auth/isolation-room.js';
import { Database } from '../../src/database/database.service.js';
import { until } from '../support/until.js';

/** Columns that name whoever something belongs to, or who did it, by `table.column`. */
const NAMES = `SELECT table_schema || '.' || table_name AS table, column_name AS column FROM information_schema.columns
   JOIN information_schema.tables USING (table_schema, table_name)
  WHERE table_schema IN ('public', 'durable') AND table_type = 'BASE TABLE'
    AND (column_name ~ '(^|_)(principal|owner|user|actor)(_id)?$' OR column_name ~ '_by$' OR column_name = 'authenticated_user')
  ORDER BY 1, 2`;

/** Those that keep the id of who is erased, and why, or that name nobody. */
const MAY_STAY: Readonly<Record<string, string>> = {
  'public.agents.spawned_by': 'an agent',
  'public.api_keys.created_by': 'the key belongs to who has it',
  'public.approvals.answered_by': 'an act on what is of another',
  'public.audit_log.actor_id': 'acts',
  'public.budget_ledger.released_by': 'an act on money',
  'public.erasures.principal_id': 'the order itself',
  'public.prompt_templates.created_by': 'of the deployment, by an admin',
  'public.sessions.user_id': 'goes with the account',
  'public.webhooks.created_by': 'of the deployment, by an admin',
  'durable.workflow_status.authenticated_user': 'never written',
};

/** Where the id of who is erased may stand afterwards, besides. */
const MAY_NAME = [
  'public.approvals',
  'public.audit_log',
  'public.budget_scopes',
  'public.erasures',
  'public.llm_usage_rollups',
  'public.llm_usage_totals',
  'public.workflow_events',
];

describe('erasing everything of a user', () => {
  let room: IsolationRoom;
  let database: Database;
  let id: string;

  beforeAll(async () => {
    room = await IsolationRoom.start(false);
    database = room.nyx.app.get(Database);
    const [row] = await database.query<{ id: string }>(`SELECT id FROM users WHERE username = 'alpha'`);
    id = row?.id ?? '';
  });
  afterAll(() => room.close());

  const count = async (from: string, ...values: unknown[]): Promise<number> =>
    (await database.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${from}`, values))[0]?.n ?? -1;

  /** Tables of both schemas with a row in which the text stands. */
  const tablesWith = async (text: string): Promise<string[]> => {
    const tables = await database.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'durable') ORDER BY 1`,
    );
    const found: string[] = [];
    for (const { name } of tables) {
      if ((await count(`${name} t WHERE position($1 IN to_jsonb(t)::text) > 0`, text)) > 0) found.push(name);
    }
    return found;
  };

  const workflow = (more: object = {}): object => ({
    input_type: 'user_prompt',
    content: { prompt: `Describe ${SECRET}. Compare ${SECRET} with chalk. Compare ${SECRET} with sand.` },
    ...more,
  });

  /** What `everythingOf` does not make. */
  const andMore = async (ofAnother: ReadonlyMap<string, string>): Promise<void> => {
    const v1 = '/api/v1/orchestrator';
    const send = async (method: string, path: string, body: object, headers = {}): Promise<Record<string, string>> => {
      const answer = await room.call<Record<string, string>>('a', method, `${v1}/${path}`, body, headers);
      if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.text}`);
      return answer.body;
    };
    for (const strategy of [
      'parallel_execution',
      'recursive_decomposition',
      'council_driven',
      'iterative_refinement',
      'sequential_decomposition',
    ]) {
      const execution_context = { execution_preferences: { strategy } };
      await send('POST', 'workflows/execute', workflow({ execution_context }), {
        'idempotency-key': `${SECRET}-${strategy}`,
      });
    }
    await send('POST', `workflows/${ofAnother.get('workflows') ?? ''}/feedback`, {
      score: 0.5,
      comment: `As dull as ${SECRET}.`,
    });
    await send('POST', `workflows/${ofAnother.get('active') ?? ''}/approvals/${ofAnother.get('approvals') ?? ''}`, {
      decision: 'approve',
      comment: 'As you like.',
    });
    const stored = await send('POST', 'workflow-templates', { name: `${SECRET}-2`, ...workflow() });
    await send('PATCH', `workflow-templates/${stored.id ?? ''}`, { description: `Better ${SECRET}.` });
    await send('POST', 'schedules', { name: SECRET, schedule: '* * * * * *', workflow_template: `${SECRET}-2` });
    await send('POST', 'triggers', { name: SECRET, event_type: `${SECRET}.seen`, workflow_template: workflow() });
    await send('POST', 'events', { type: `${SECRET}.seen`, source: SECRET, details: {} });
    await until('both have begun something', async () => {
      const begun = await count('workflows WHERE schedule_id IS NOT NULL');
      return begun > 0 && (await count('workflows WHERE trigger_id IS NOT NULL')) > 0;
    });
  };

  it('leaves neither a row that names them nor a word of theirs, but what is said to stay', async () => {
    const columns = (await database.query<{ table: string; column: string }>(NAMES)).map(({ table, column }) => ({
      table,
      column,
      name: `${table}.${column}`,
    }));
    const ofB = await room.everythingOf('b', 'chalk');
    expect(columns.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(MAY_STAY)));
    await room.everythingOf('a');
    await andMore(ofB);
    // Who adds such a column has a row of theirs made here, or says above why it may stay.
    for (const { table, column, name } of columns.filter((of) => !(of.name in MAY_STAY))) {
      expect([name, (await count(`${table} WHERE ${column}::text = $1`, id)) > 0]).toEqual([name, true]);
    }

    expect((await room.call('admin', 'DELETE', `/api/v1/auth/users/${id}`)).status).toBe(204);
    expect((await room.call('admin', 'POST', `/api/v1/auth/users/${id}/erase`)).status).toBe(202);
    await until(
      'all is erased',
      async () => (await count('erasures WHERE principal_id = $1 AND completed_at IS NOT NULL', id)) === 1,
      60_000,
    );

    expect((await tablesWith(id)).filter((table) => !MAY_NAME.includes(table))).toEqual([]);
    expect(await tablesWith(SECRET)).toEqual([]);
    expect(await count('workflow_templates WHERE id = $1', ofB.get('workflow-templates'))).toBe(1);
    expect(await count('workflows WHERE id = $1', ofB.get('workflows'))).toBe(1);
  }, 180_000);
});
