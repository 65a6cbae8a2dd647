import { Chaos } from '../chaos/chaos-fixture.js';
import { cleanUpProcesses } from '../support/process.js';
import { until } from '../support/until.js';
import { checkTree, startCollector, type Collector } from './collector.js';

/** A gone process is taken over within seconds, on a busy machine later. */
const RECOVERY_MS = 90_000;
const CALLER = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

interface Line {
  readonly message: string;
  readonly request_id?: string;
  readonly trace_id?: string;
  readonly workflow_id?: string;
}

const linesOf = (output: string): Line[] =>
  output.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Line] : []));

describe('a workflow whose replica is killed', () => {
  let chaos: Chaos;
  let collector: Collector;

  beforeAll(async () => {
    [chaos, collector] = [await Chaos.begin(), await startCollector()];
  });
  afterAll(async () => {
    await chaos.end();
    await collector.close();
    await cleanUpProcesses();
  }, 180_000);

  it('stays one trace, with no span twice and none without its parent; its log says whose it is, its progress does not fall', async () => {
    chaos.model.script(
      { match: { prompt: '<subtask>\nPart 2' }, hold: 'in flight' },
      { match: { prompt: '<subtask>\nPart 3' }, times: 1, status: 529, errorType: 'overloaded_error' },
    );
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, LOG_LEVEL: 'debug' };
    const first = await chaos.startNyx(env);
    const headers = {
      traceparent: `00-${CALLER.traceId}-${CALLER.spanId}-01`,
      'x-request-id': 'the-request-of-this-test',
    };
    const context = { execution_preferences: { strategy: 'sequential_decomposition' } };
    const id = await chaos.accept(first, '[[subtasks:4]] [[chain]]', context, headers);
    const isAsked = (times: number) => () =>
      chaos.model.requests.filter(({ prompt }) => prompt.includes('<subtask>\nPart 2')).length === times;
    await until('the second part is asked for', isAsked(1), RECOVERY_MS);
    await until(
      'the first calls arrived',
      () => collector.spans.filter(({ name }) => name.startsWith('chat')).length >= 2,
      RECOVERY_MS,
    );
    await chaos.kill(first);

    const second = await chaos.startNyx(env);
    await until('it is asked for again', isAsked(2), RECOVERY_MS);
    chaos.model.release('in flight');
    await chaos.untilEnded([id], RECOVERY_MS);
    expect(await chaos.workflow(second, id)).toMatchObject({ status: 'completed' });
    second.kill('SIGTERM');
    expect(await second.exited).toMatchObject({ code: 0 });

    const spans = collector.spans.filter(({ traceId }) => traceId === CALLER.traceId);
    checkTree(spans, [CALLER.spanId]);
    const count = (start: string): number => spans.filter(({ name }) => name.startsWith(start)).length;
    const [calls] = (
      await chaos.sql.query<{ ended: string }>(
        `SELECT count(*) AS ended FROM llm_interactions WHERE workflow_id = $1 AND status <> 'in_doubt'`,
        [id],
      )
    ).rows;
    expect(count('chat')).toBe(Number(calls?.ended));
    expect(count('workflow')).toBe(1);
    expect(count('invoke_agent')).toBe(6);
    expect(count('POST')).toBe(1);

    const { rows } = await chaos.sql.query<{ progress: number }>(
      `SELECT (data->>'progress_percentage')::float8 AS progress FROM workflow_events
        WHERE workflow_id = $1 AND data ? 'progress_percentage' ORDER BY seq`,
      [id],
    );
    const told = rows.map(({ progress }) => progress);
    expect(told).toEqual(told.toSorted((one, other) => one - other));
    expect(told.at(-1)).toBe(100);

    const ofRequest = linesOf(first.stdout()).filter((line) => line.request_id === 'the-request-of-this-test');
    expect(ofRequest.length).toBeGreaterThan(0);
    expect(ofRequest.every((line) => line.trace_id === CALLER.traceId)).toBe(true);
    expect(ofRequest.at(-1)).toMatchObject({ workflow_id: id });
    const ofRun = linesOf(second.stdout()).filter(({ workflow_id: workflow }) => workflow === id);
    const ids = { trace_id: CALLER.traceId, request_id: 'the-request-of-this-test' };
    for (const { trace_id, request_id } of ofRun) expect({ trace_id, request_id }).toEqual(ids);
    expect(ofRun.map(({ message }) => message).join('\n')).toMatch(/Attempt 1 of .* failed[^]*ended: completed/);
  }, 600_000);
});
