import { Ajv, type ValidateFunction } from 'ajv';
import { EVENT_DATA, EVENT_TYPES, eventText, type EventType } from '../../src/events/event-data.js';
import { MAX_EVENT_TEXT } from '../../src/events/dto/workflow-event-data.dto.js';
import { ToolRegistry } from '../../src/tools/tool-registry.js';
import { OrchestratorFixture, strategy, uncached } from '../orchestrator/orchestrator-fixture.js';
import { CommandTool } from '../orchestrator/tool-shelf.js';
import { until } from '../support/until.js';

type Schemas = Record<string, object>;

const STRATEGIES = [
  'direct_execution',
  'sequential_decomposition',
  'parallel_execution',
  'recursive_decomposition',
  'council_driven',
  'iterative_refinement',
];
const SECRET_PROMPT = 'A prompt that stays where prompts are kept.';

let fixture: OrchestratorFixture;
let schemas: Schemas;

beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
  fixture.nyx.app.get(ToolRegistry).register(new CommandTool());
  const served = await fixture.nyx.request(undefined, 'GET', '/asyncapi.json');
  ({ schemas } = ((await served.json()) as { components: { schemas: Schemas } }).components);
});
afterAll(() => fixture.close());
beforeEach(() => fixture.model.reset());

/** What is not described is not allowed here, whereas clients have to allow it. */
const closed = (part: unknown): unknown =>
  Array.isArray(part)
    ? part.map(closed)
    : typeof part === 'object' && part !== null
      ? {
          ...Object.fromEntries(Object.entries(part).map(([name, member]) => [name, closed(member)])),
          ...('properties' in part && 'type' in part && { additionalProperties: false }),
        }
      : part;

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function validatorOf(name: string): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true, formats: { uuid: UUID, 'date-time': MOMENT, int64: true } });
  return ajv.compile({ components: { schemas: closed(schemas) }, $ref: `#/components/schemas/${name}` });
}

const order = (id: string, what: string): Promise<Response> =>
  fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/${what}`);
const answered = async (id: string, decision: string): Promise<void> => {
  const asked = (): Promise<{ items: { id: string }[] }> => fixture.get(`/workflows/${id}/approvals`);
  await until('somebody is asked', async () => (await asked()).items.length > 0);
  const [approval] = (await asked()).items;
  const path = `/api/v1/orchestrator/workflows/${id}/approvals/${approval?.id ?? ''}`;
  expect((await fixture.nyx.request('operator', 'POST', path, { decision })).status).toBe(200);
};
const refused = { status: 400, errorType: 'invalid_request_error', errorMessage: 'No. '.repeat(400) };

describe('the events of real workflows', () => {
  it.each(STRATEGIES)('are written by the strategy %s', async (name) => {
    expect(await fixture.execute(`[[subtasks:3]] ${SECRET_PROMPT}`, strategy(name))).toMatchObject({ success: true });
  });

  it('are written by tools, and by a person who approves', async () => {
    fixture.model.script(
      { match: { turn: 1 }, toolUses: [{ name: 'notes_command', input: { command: 'id' } }] },
      { match: { turn: 2 }, answer: 'Done.' },
    );
    const id = await fixture.accept('Go.', strategy('direct_execution'));
    await answered(id, 'approve');
    expect(await fixture.ended(id)).toMatchObject({ success: true });
  }, 120_000);

  it('are written by a person who rejects', async () => {
    const reviewed = { ...strategy('direct_execution'), quality_settings: { require_human_review: true } };
    const rejected = await fixture.accept('Write.', reviewed);
    await answered(rejected, 'reject');
    expect(await fixture.ended(rejected)).toMatchObject({ success: false });
  }, 120_000);

  it('are written by a failure, however long its message, and a retry', async () => {
    fixture.model.script({ match: { prompt: '<subtask>\nPart 2' }, times: 1, ...refused });
    const { workflow_id: id, success } = await fixture.execute('[[subtasks:3]]', uncached('parallel_execution'));
    expect(success).toBe(false);
    expect((await order(id, 'retry')).status).toBe(202);
    expect(await fixture.ended(id)).toMatchObject({ success: true });
  });

  it('are written by a pause and a cancel', async () => {
    fixture.model.script({ match: { schema: true }, hold: 'plan' });
    const id = await fixture.accept('[[subtasks:2]]', uncached('parallel_execution'));
    await fixture.model.waitFor(1);
    for (const what of ['pause', 'resume']) expect((await order(id, what)).status).toBe(202);
    fixture.model.release('plan');
    await fixture.ended(id);
    fixture.model.script({ match: { prompt: 'Hang' }, hang: true });
    const hanging = await fixture.accept('Hang.', uncached('direct_execution'));
    expect((await order(hanging, 'cancel')).status).toBe(202);
  });

  it('are written by an agent that delegates', async () => {
    const spawned = { name: 'spawn_subtask', input: { title: 'One '.repeat(300), instructions: 'Do it.' } };
    const short = { name: 'spawn_subtask', input: { title: 'One', instructions: 'Do it.' } };
    fixture.model.script(
      { match: { system: 'Do the whole task', turn: 1 }, toolUses: [spawned, short] },
      { match: { system: 'Do the whole task', turn: 2 }, answer: 'Done.' },
      { match: { system: 'one subtask' }, answer: 'A part.' },
    );
    expect(await fixture.execute('Have it done.', strategy('direct_execution'))).toMatchObject({ success: true });
  });

  it('are written by budgets, and by what is done about them', async () => {
    const limits = (usd: number) => ({ ...uncached('parallel_execution'), resource_limits: { max_cost_usd: usd } });
    fixture.model.script({ match: { prompt: '<subtask>\nPart 1' }, answer: 'Dear.', outputTokens: 200_000 });
    await fixture.execute('[[subtasks:3]] [[chain]]', limits(0.12));
    await fixture.execute('Anything?', limits(0.000_001));
    // Tomorrow's too: midnight may come meanwhile.
    await fixture.database.query(
      `INSERT INTO budget_scopes (id, kind, key, limit_usd, spent_usd)
       SELECT gen_random_uuid(), 'system_day', to_char((now() AT TIME ZONE 'UTC')::date + n, 'YYYY-MM-DD'), 50, 45 FROM generate_series(0, 1) n
         ON CONFLICT (kind, key) DO UPDATE SET spent_usd = excluded.spent_usd`,
    );
    await fixture.execute('What is a clip?', strategy('direct_execution'));
  });

  it('are of every type, and each is exactly what is described', async () => {
    const rows = await fixture.database.query<{
      workflow_id: string;
      seq: string;
      type: EventType;
      at: Date;
      data: object;
    }>('SELECT workflow_id, seq, type, at, data FROM workflow_events ORDER BY workflow_id, seq');
    const validators = new Map(
      Object.values(EVENT_DATA)
        .flat()
        .map(({ name }) => [name, validatorOf(name)]),
    );
    const seen = new Set<string>();
    const wrong = rows.filter(({ type, data }) => {
      const forms = EVENT_DATA[type].filter(({ name }) => validators.get(name)?.(data));
      forms.forEach(({ name }) => seen.add(name));
      return forms.length !== 1;
    });
    expect(wrong).toEqual([]);
    expect([...validators.keys()].filter((name) => !seen.has(name))).toEqual([]);
    expect(EVENT_TYPES.filter((type) => !rows.some((row) => row.type === type))).toEqual([]);

    const envelope = validatorOf('WorkflowStartedEvent');
    const [first] = rows.filter(({ type }) => type === 'workflow.started');
    const sent = { ...first, seq: Number(first?.seq), at: first?.at.toISOString() };
    expect(envelope(sent)).toBe(true);
    expect(envelope({ ...sent, data: { ...first?.data, prompt: SECRET_PROMPT } })).toBe(false);
    expect(envelope({ ...sent, type: 'workflow.planned' })).toBe(false);
  });

  it('hold no prompt and no long text', async () => {
    const [sizes] = await fixture.database.query<{ longest: number; prompts: number }>(
      `SELECT max(length(data::text)) AS longest, count(*) FILTER (WHERE data::text LIKE '%stays where prompts%')::int AS prompts
         FROM workflow_events`,
    );
    expect(sizes?.prompts).toBe(0);
    expect(sizes?.longest).toBeLessThan(4_000);
  });
});

it('a text that is cut stays within its length, and keeps no half of a character', () => {
  expect(eventText('short')).toBe('short');
  const long = eventText('🌋'.repeat(MAX_EVENT_TEXT));
  expect(long.length).toBeLessThanOrEqual(MAX_EVENT_TEXT);
  expect(long.isWellFormed()).toBe(true);
});
