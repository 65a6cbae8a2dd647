import { EventLog, type NewEvent } from '../../src/events/event-log.js';
import { newId } from '../../src/database/ids.js';
import { STRATEGIES } from '../../src/orchestrator/workflows/workflow.values.js';
import { until } from '../support/until.js';
import { OrchestratorFixture, uncached } from './orchestrator-fixture.js';

interface Status {
  status: string;
  progress_percentage: number;
  phase: string;
  estimated_remaining_ms: number | null;
  estimated_remaining_error_ms: number | null;
}

interface Told {
  type: string;
  data: Record<string, unknown>;
}

const SAYS_PROGRESS = ['workflow.progress', 'workflow.completed', 'workflow.failed', 'workflow.cancelled'];
const ENDED = ['completed', 'failed', 'cancelled'];

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
});
afterAll(() => fixture.close());
beforeEach(() => fixture.model.reset());

const statusOf = (id: string): Promise<Status> => fixture.get(`/workflows/${id}/status`);
const eventsOf = (id: string): Promise<Told[]> =>
  fixture.database.query('SELECT type, data FROM workflow_events WHERE workflow_id = $1 ORDER BY seq', [id]);

/** What its status said, as often as it could be asked until it ended. */
async function watched(id: string): Promise<Status[]> {
  const seen: Status[] = [];
  do seen.push(await statusOf(id));
  while (!ENDED.includes(seen.at(-1)?.status ?? ''));
  return seen;
}

const rises = (numbers: readonly number[]): void => expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));

/** Every event that has to say how far it is says so, and never less than the one before. @returns what they say */
async function toldOf(id: string): Promise<number[]> {
  const told = (await eventsOf(id)).filter(({ type }) => SAYS_PROGRESS.includes(type));
  const numbers = told.map(({ data }) => data.progress_percentage as number);
  for (const number of numbers) expect(typeof number).toBe('number');
  rises(numbers);
  return numbers;
}

it.each(STRATEGIES)(
  'of %s never falls, in status and events, and is 100 only at the end',
  async (strategy) => {
    fixture.model.script({ delayMs: 15 });
    const id = await fixture.accept('[[subtasks:4]] [[decompose:1]]', uncached(strategy));
    const seen = await watched(id);
    expect(seen.at(-1)).toMatchObject({
      status: 'completed',
      progress_percentage: 100,
      estimated_remaining_ms: 0,
      estimated_remaining_error_ms: 0,
    });
    const numbers = seen.map(({ progress_percentage: progress }) => progress);
    rises(numbers);
    for (const { status, progress_percentage: progress } of seen) {
      if (status !== 'completed') expect(progress).toBeLessThan(100);
    }
    for (const { estimated_remaining_ms: ms, estimated_remaining_error_ms: error } of seen) {
      expect(ms === null).toBe(error === null);
    }
    const told = await toldOf(id);
    expect(told.filter((number) => number === 100)).toHaveLength(1);
    expect(told.at(-1)).toBe(100);
    for (const number of numbers) expect([0, ...told]).toContain(number);
  },
  60_000,
);

it('of a direct workflow moves when its agent has ended, and is 100 when the workflow has', async () => {
  const { workflow_id: id } = await fixture.execute('Say a word.', uncached('direct_execution'));
  expect(await toldOf(id)).toEqual([10, 90, 100]);
});

it('of a workflow that failed stays what it was, and goes on from there when it is retried', async () => {
  fixture.model.script({
    match: { prompt: '<subtask>\nPart 1' },
    times: 1,
    status: 400,
    errorType: 'invalid_request_error',
  });
  const id = await fixture.accept('[[subtasks:3]] [[chain]]', {
    execution_preferences: {
      strategy: 'sequential_decomposition',
      caching_strategy: 'disabled',
      failure_tolerance: 'low',
    },
  });
  const failed = (await watched(id)).at(-1);
  expect(failed?.status).toBe('failed');
  expect(failed?.progress_percentage).toBeLessThan(100);
  expect(failed?.progress_percentage).toBeGreaterThanOrEqual(10);
  expect((await toldOf(id)).at(-1)).toBe(failed?.progress_percentage);
  expect((await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/retry`)).status).toBe(
    202,
  );
  const again = await watched(id);
  expect(again.at(-1)).toMatchObject({ status: 'completed', progress_percentage: 100 });
  rises([failed?.progress_percentage ?? 0, ...again.map(({ progress_percentage: progress }) => progress)]);
  await toldOf(id);
});

it('of a workflow that is paused, resumed and cancelled stays what it was', async () => {
  fixture.model.script({ match: { system: 'one subtask' }, hold: 'held' });
  const id = await fixture.accept('[[subtasks:3]] [[parallel]]', uncached('parallel_execution'));
  await fixture.model.waitFor(2);
  const { progress_percentage: before } = await statusOf(id);
  expect(before).toBe(10);
  for (const action of ['pause', 'resume', 'cancel']) {
    const answer = await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/${action}`);
    expect(answer.status).toBe(202);
    expect((await statusOf(id)).progress_percentage).toBe(before);
  }
  fixture.model.release('held');
  await until('it is cancelled', async () => (await statusOf(id)).status === 'cancelled');
  expect((await statusOf(id)).progress_percentage).toBe(before);
  expect((await toldOf(id)).at(-1)).toBe(before);
});

it('the stream keeps the furthest, also when writers come at once and some roll back', async () => {
  const log = fixture.nyx.app.get(EventLog, { strict: false });
  const id = newId();
  const reached = (progress: number): NewEvent => ({
    type: 'workflow.progress',
    data: { progress_percentage: progress },
  });
  await fixture.database.transaction((tx) => log.begin(tx, id, 'x', [reached(3)]));
  const given = Array.from({ length: 40 }, (_, index) => ((index * 37) % 89) + 0.25);
  await Promise.allSettled(
    given.map((progress, index) =>
      fixture.database.transaction((tx) => {
        log.append(tx, id, [
          reached(index % 5 === 0 ? 99 : progress),
          { type: 'llm.completed', data: { index } } as unknown as NewEvent,
        ]);
        if (index % 5 === 0) throw new Error('undone');
      }),
    ),
  );
  const told = await toldOf(id);
  expect(told).toHaveLength(33);
  expect(told.at(-1)).toBe(Math.max(...given.filter((_, index) => index % 5 !== 0)));
  const other = (await eventsOf(id)).filter(({ type }) => type === 'llm.completed');
  for (const { data } of other) expect(Object.keys(data)).toEqual(['index']);
});
