import { until } from '../support/until.js';
import { OrchestratorFixture, type TreeNode } from './orchestrator-fixture.js';

interface Told {
  name: string;
  reason: string;
  actions: string[];
}

const USUAL = 'claude-sonnet-5-5';
const CHEAPEST = 'claude-haiku-5-5';

const step = (id: string, dependencies: string[] = []) => ({
  id,
  title: `Step ${id}`,
  instructions: `Do ${id}.`,
  dependencies,
  kind: 'content_generation',
});
const plan = (...subtasks: object[]) => ({ match: { schema: 'subtasks' }, answer: { subtasks } });
const of = (title: string) => ({ match: { system: 'one subtask', prompt: `<subtask>\n${title}` } });
const refused = { status: 400, errorType: 'invalid_request_error', errorMessage: 'That cannot be done.' };
const votes = (option: string) => ({
  match: { schema: 'vote' },
  answer: { vote: option, reason: 'It is best.', confidence: 0.8 },
});

/** Of 2 USD: what an answer of so many tokens of the usual model costs is its share of it. */
const dear = (share: number) => ({ answer: 'A dear result.', outputTokens: share * 200_000 });

const context = (atOnce: number, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  execution_preferences: { strategy: 'parallel_execution', caching_strategy: 'disabled', ...more },
  resource_limits: { max_concurrent_agents: atOnce, max_cost_usd: 2 },
});

const statuses = ({ children }: TreeNode): string[] => children.map(({ status }) => status);

describe('a running workflow adapts', () => {
  let fixture: OrchestratorFixture;

  beforeAll(async () => {
    fixture = await OrchestratorFixture.start({ llm: { defaultModel: USUAL } });
  });
  afterAll(() => fixture.close());
  beforeEach(() => fixture.model.reset());

  /** Its adaptations, in order; its progress has never fallen. */
  const told = async (id: string): Promise<Told[]> => {
    const rows = await fixture.database.query<{
      type: string;
      data: { adaptation?: Told; progress_percentage?: number };
    }>('SELECT type, data FROM workflow_events WHERE workflow_id = $1 ORDER BY seq', [id]);
    const shares = rows.flatMap(({ data }) => data.progress_percentage ?? []);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    const adaptations = rows.filter(({ data }) => data.adaptation !== undefined);
    expect(new Set(adaptations.map(({ type }) => type)).size).toBeLessThanOrEqual(1);
    return adaptations.flatMap(({ data }) => data.adaptation ?? []);
  };
  const namesOf = async (id: string): Promise<string[]> => (await told(id)).map(({ name }) => name);
  const endedSubtasks = async (id: string): Promise<number> => {
    const [row] = await fixture.database.query<{ ended: number }>(
      `SELECT count(*)::int AS ended FROM thought_trees WHERE parent_id = $1 AND status IN ('completed', 'failed')`,
      [id],
    );
    return row?.ended ?? 0;
  };
  const untilEnded = (id: string, subtasks: number): Promise<void> =>
    until(`${subtasks} subtasks that ended`, async () => (await endedSubtasks(id)) === subtasks);
  const askedFor = (title: string): string[] =>
    fixture.model.requests.filter(({ prompt }) => prompt.includes(`<subtask>\n${title}`)).map(({ model }) => model);
  const reviews = (): number =>
    fixture.model.requests.filter(({ prompt }) => /agents of this workflow/.test(prompt)).length;
  /** A moment in which what is not to begin would have begun. */
  const aMoment = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 200));

  it('to over 80 % of its cost: half the agents at once, and the cheapest model', async () => {
    fixture.model.script(
      { ...of('Part 1'), ...dear(0.82), hold: 'first' },
      { ...of('Part 2'), hold: 'second' },
      { ...of('Part 3'), hold: 'others' },
      { ...of('Part 4'), hold: 'others' },
      { ...of('Part 5'), hold: 'later' },
      { ...of('Part 6'), hold: 'later' },
    );
    const id = await fixture.accept('[[subtasks:6]]', context(4));
    await fixture.model.waitFor(1 + 4);
    fixture.model.release('first');
    await untilEnded(id, 1);
    fixture.model.release('second');
    await untilEnded(id, 2);
    await aMoment();
    expect(askedFor('Part 5')).toEqual([]);
    fixture.model.release('others');
    await fixture.model.waitFor(1 + 6);
    fixture.model.release('later');
    expect(await fixture.ended(id)).toMatchObject({ success: true });
    expect([...askedFor('Part 4'), ...askedFor('Part 5'), ...askedFor('Part 6')]).toEqual([USUAL, CHEAPEST, CHEAPEST]);
    expect(fixture.model.requests.at(-1)?.model).toBe(CHEAPEST);
    expect(await told(id)).toEqual([
      {
        name: 'cost_overrun_risk',
        reason: expect.stringMatching(/^8\d % of the budget is used\.$/) as unknown,
        actions: ['at most 2 agents at once', 'the cheapest model where none is named'],
      },
    ]);
  });

  it('to its cost, but not to what its calls may cost at most', async () => {
    // Four calls of at most 16 384 tokens reserve over 80 % of it.
    fixture.model.script({ match: { system: 'one subtask' }, hold: 'others' }, { ...of('Part 1'), hold: 'first' });
    const limits = { max_concurrent_agents: 4, max_cost_usd: 0.78 };
    const id = await fixture.accept('[[subtasks:6]]', { ...context(4), resource_limits: limits });
    await fixture.model.waitFor(1 + 4);
    fixture.model.release('first');
    await untilEnded(id, 1);
    fixture.model.release('others');
    expect(await fixture.ended(id)).toMatchObject({ success: true });
    expect(await told(id)).toEqual([]);
  });

  it('and keeps the model that it names', async () => {
    fixture.model.script({ ...of('Part 1'), ...dear(0.82) });
    const result = await fixture.execute('[[subtasks:3]]', context(1, { model: USUAL }));
    expect(result.success).toBe(true);
    expect(await namesOf(result.workflow_id)).toEqual(['cost_overrun_risk']);
    expect(new Set(fixture.model.requests.map(({ model }) => model))).toEqual(new Set([USUAL]));
  });

  it.each(['parallel_execution', 'sequential_decomposition'])(
    'to over 90 %% of its cost: %s ends early with what there is',
    async (strategy) => {
      fixture.model.script({ ...of('Part 1'), ...dear(0.92) });
      const result = await fixture.execute('[[subtasks:3]]', context(1, { strategy }));
      expect(result).toMatchObject({ success: false, metadata: { error_code: 'BUDGET_EXCEEDED' } });
      expect(result.metadata.error).toContain('2 of 3 subtasks have no result (Part 2, Part 3). Done: Part 1.');
      expect(result.content).not.toBe('');
      expect([...askedFor('Part 2'), ...askedFor('Part 3')]).toEqual([]);
      expect(await namesOf(result.workflow_id)).toEqual(['cost_overrun_risk', 'cost_overrun_risk']);
    },
  );

  /** As if it had worked for so much of its 120 minutes. */
  const spend = (id: string, share: number): Promise<unknown> =>
    fixture.database.query(
      `UPDATE workflows SET deadline_at = clock_timestamp() + make_interval(secs => 7200 * (1 - $2::float8)) WHERE id = $1`,
      [id, share],
    );

  it('to over 80 % of its time: two more at once', async () => {
    fixture.model.script({ match: { system: 'one subtask' }, hold: 'others' }, { ...of('Part 1'), hold: 'first' });
    const id = await fixture.accept('[[subtasks:6]]', context(8, { parallelization: 'conservative' }));
    await fixture.model.waitFor(1 + 2);
    await spend(id, 0.85);
    fixture.model.release('first');
    await fixture.model.waitFor(1 + 1 + 4);
    await aMoment();
    expect(askedFor('Part 6')).toEqual([]);
    fixture.model.release('others');
    expect(await fixture.ended(id)).toMatchObject({ success: true });
    expect(await told(id)).toEqual([
      {
        name: 'time_overrun_risk',
        reason: expect.stringMatching(/^8\d % of the time is over\.$/) as unknown,
        actions: ['up to 4 agents at once'],
      },
    ]);
  });

  it('to over 80 % of its time with no more at once than it may have', async () => {
    fixture.model.script({ ...of('Part 1'), hold: 'first' }, { ...of('Part 2'), hold: 'second' });
    const id = await fixture.accept('[[subtasks:3]]', context(1));
    await fixture.model.waitFor(1 + 1);
    await spend(id, 0.85);
    fixture.model.release('first');
    await fixture.model.waitFor(1 + 2);
    await aMoment();
    expect(askedFor('Part 3')).toEqual([]);
    fixture.model.release('second');
    expect(await fixture.ended(id)).toMatchObject({ success: true });
    expect((await told(id)).map(({ actions }) => actions)).toEqual([['up to 1 agents at once']]);
  });

  it.each(['parallel_execution', 'sequential_decomposition'])(
    'to over 90 %% of its time: %s ends early with what there is, and says which limit',
    async (strategy) => {
      fixture.model.script({ ...of('Part 1'), hold: 'first' });
      const id = await fixture.accept('[[subtasks:3]]', context(1, { strategy }));
      await fixture.model.waitFor(1 + 1);
      await spend(id, 0.95);
      fixture.model.release('first');
      const { result } = await fixture.ended(id);
      expect(result).toMatchObject({ success: false, metadata: { error_code: 'TIME_LIMIT' } });
      expect(result.metadata.error).toContain('2 of 3 subtasks have no result (Part 2, Part 3). Done: Part 1.');
      expect(result.content).not.toBe('');
      expect([...askedFor('Part 2'), ...askedFor('Part 3')]).toEqual([]);
      expect(await namesOf(id)).toEqual(['time_overrun_risk', 'time_overrun_risk']);
    },
  );

  it('once to each thing, although subtasks end at once', async () => {
    fixture.model.script({ match: { system: 'one subtask' }, ...dear(0.3), hold: 'all' });
    const id = await fixture.accept('[[subtasks:8]]', context(6, { parallelization: 'aggressive' }));
    await fixture.model.waitFor(1 + 6);
    fixture.model.release('all');
    expect(await fixture.ended(id)).toMatchObject({ success: false });
    const [first, second, ...more] = await told(id);
    expect(first?.actions).toContain('the cheapest model where none is named');
    expect(second?.actions).toEqual(['no more subtasks are started; the answer is made out of what there is']);
    expect(more).toEqual([]);
  });

  it('to what its last subtasks cost together, although they end at once', async () => {
    fixture.model.script({ match: { system: 'one subtask' }, ...dear(0.42), hold: 'all' });
    const id = await fixture.accept('[[subtasks:2]]', context(2));
    await fixture.model.waitFor(1 + 2);
    await fixture.database.transaction(async (tx) => {
      await tx.query('SELECT FROM event_streams WHERE workflow_id = $1 FOR UPDATE', [id]);
      fixture.model.release('all');
      await until('two ends that wait', async () => {
        const waiting = await fixture.database.query(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return waiting.length === 2;
      });
    });
    expect(await fixture.ended(id)).toMatchObject({ success: true });
    expect(await namesOf(id)).toEqual(['cost_overrun_risk']);
    expect(fixture.model.requests.at(-1)?.model).toBe(CHEAPEST);
  });

  it('to many failures: half at once, and a council looks at it once', async () => {
    fixture.model.script(...[1, 2, 4].map((part) => ({ ...of(`Part ${part}`), ...refused })));
    // One after the other, so that the third to end is not one that failed.
    fixture.model.script({ ...of('Part 2'), ...refused, hold: 'second' }, { ...of('Part 3'), hold: 'third' });
    fixture.model.script(votes('go_on'));
    const tolerant = { parallelization: 'conservative', failure_tolerance: 'high' };
    const id = await fixture.accept('[[subtasks:6]]', context(4, tolerant));
    await untilEnded(id, 1);
    fixture.model.release('second');
    await untilEnded(id, 2);
    fixture.model.release('third');
    await fixture.ended(id);
    const tree = await fixture.tree(id);
    expect(statuses(tree)).toEqual(['failed', 'failed', 'completed', 'failed', 'completed', 'completed']);
    expect(reviews()).toBe(9);
    expect(Object.keys(tree.metadata.councils as object)).toEqual(['review']);
    expect(await told(id)).toEqual([
      {
        name: 'high_failure_rate',
        reason: '2 of 3 agents have failed.',
        actions: ['at most 2 agents at once', 'a council reviews the run'],
      },
    ]);
  });

  it.each(['parallel_execution', 'sequential_decomposition'])(
    'to many failures: %s ends early when the council decides so, and a retry begins its rest again',
    async (strategy) => {
      fixture.model.script(...[1, 2].map((part) => ({ ...of(`Part ${part}`), ...refused, times: 1 })));
      fixture.model.script(votes('end_early'));
      const result = await fixture.execute('[[subtasks:6]]', context(1, { strategy }));
      const { workflow_id: id } = result;
      expect(result).toMatchObject({ success: false, metadata: { error_code: 'LLM_UPSTREAM' } });
      const tree = await fixture.tree(id);
      expect(statuses(tree)).toEqual(['failed', 'failed', ...Array<string>(4).fill('cancelled')]);
      expect(tree.children[5]).toMatchObject({ agents: [], metadata: { code: 'ENDED_BY_COUNCIL' } });
      expect(await namesOf(id)).toEqual(['high_failure_rate', 'council_review']);
      const path = `/api/v1/orchestrator/workflows/${id}/retry`;
      expect((await fixture.nyx.request('operator', 'POST', path)).status).toBe(202);
      expect(await fixture.ended(id)).toMatchObject({ success: true });
      expect(statuses(await fixture.tree(id))).toEqual(Array(6).fill('completed'));
    },
  );

  it('to more than two subtasks that hold others up: one at once', async () => {
    fixture.model.script(
      plan(step('d'), step('a'), step('b'), step('c'), step('x', ['a']), step('y', ['b']), step('z', ['c'])),
      { ...of('Step d'), hold: 'd' },
      { ...of('Step a'), hold: 'a' },
      { ...of('Step b'), hold: 'others' },
      { ...of('Step c'), hold: 'others' },
    );
    const id = await fixture.accept('Knot.', context(4));
    await fixture.model.waitFor(1 + 4);
    fixture.model.release('d');
    await until('an adaptation', async () => (await namesOf(id)).length > 0);
    fixture.model.release('a');
    await untilEnded(id, 2);
    await aMoment();
    expect(askedFor('Step x')).toEqual([]);
    fixture.model.release('others');
    expect(await fixture.ended(id)).toMatchObject({ success: true });
    expect(await told(id)).toEqual([
      {
        name: 'coordination_issues',
        reason: '3 subtasks at work hold others up (Step a, Step b, Step c).',
        actions: ['one subtask after the other'],
      },
    ]);
  });

  it('not when it is direct', async () => {
    fixture.model.script(dear(0.95));
    const result = await fixture.execute('Go.', context(1, { strategy: 'direct_execution' }));
    expect(result.success).toBe(true);
    expect(await told(result.workflow_id)).toEqual([]);
  });
});
