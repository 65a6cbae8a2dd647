import { cleanUpProcesses, type NyxProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { Chaos, RECOVERY_MS } from './chaos-fixture.js';
import { ToolLog } from './tool-log.js';

const WORKFLOWS = '/api/v1/orchestrator/workflows';
const uncached = (strategy: string) => ({ execution_preferences: { strategy, caching_strategy: 'disabled' } });

describe('kill -9 while people are waited for', () => {
  let chaos: Chaos;
  let log: ToolLog;

  beforeAll(async () => {
    chaos = await Chaos.begin();
    log = await ToolLog.begin();
  });
  afterAll(async () => {
    await chaos.end();
    await cleanUpProcesses();
  });

  const start = () => chaos.startNyx({ ...log.env, TEST_TOOL_RISK: 'execute' });
  const post = async (nyx: NyxProcess, path: string, body: object = {}): Promise<number> =>
    (await chaos.fetch(nyx, `${WORKFLOWS}/${path}`, { method: 'POST', body: JSON.stringify(body) })).status;
  const approvalOf = async (id: string): Promise<string | undefined> =>
    (await chaos.sql.query<{ id: string }>('SELECT id FROM approvals WHERE workflow_id = $1', [id])).rows[0]?.id;
  const asked = (prompt: string): number =>
    chaos.model.requests.filter((request) => request.prompt.includes(prompt)).length;
  const runsElsewhere = async (id: string, than: string | null): Promise<boolean> =>
    ![null, than].includes(await chaos.executorOf(id));

  it('approvals, pauses and retries hold over it', async () => {
    chaos.model.script(
      { match: { prompt: 'Before', turn: 1 }, toolUses: [{ name: 'log_line', input: { line: 'before' } }] },
      { match: { prompt: 'After', turn: 1 }, toolUses: [{ name: 'log_line', input: { line: 'after' } }] },
      { match: { prompt: 'Still', schema: true }, hold: 'plan' },
      // The last one that fits decides: the first call is refused, that of the retry is never answered.
      { match: { prompt: /Again[^]*<subtask>\nPart 2/ }, times: 1, hang: true },
      { match: { prompt: /Again[^]*<subtask>\nPart 2/ }, times: 1, status: 400, errorType: 'invalid_request_error' },
    );
    const first = await start();
    const before = await chaos.accept(first, 'Before.', uncached('direct_execution'));
    const after = await chaos.accept(first, 'After.', uncached('direct_execution'));
    const paused = await chaos.accept(first, 'Still. [[subtasks:2]]', uncached('parallel_execution'));
    const retried = await chaos.accept(first, 'Again. [[subtasks:3]]', uncached('parallel_execution'));
    await until('people are asked', async () => Boolean((await approvalOf(before)) && (await approvalOf(after))));
    await until('the plan is asked for', () => asked('Still') === 1);
    expect(await post(first, `${paused}/pause`)).toBe(202);
    chaos.model.release('plan');
    await chaos.untilEnded([retried]);
    const paidBefore = asked('Again');
    expect(await post(first, `${retried}/retry`)).toBe(202);
    await until('the retry is asked', () => asked('Again') === paidBefore + 1);
    const dead = await chaos.executorOf(paused);
    await chaos.kill(first);

    // Answered before anybody runs the workflow again: the row is all that knows.
    await chaos.sql.query(
      `UPDATE approvals SET status = 'approved', answered_by = 'somebody', answered_at = now() WHERE workflow_id = $1`,
      [before],
    );
    const second = await start();
    await chaos.untilEnded([before, retried], RECOVERY_MS);
    await until(
      'the others were taken over',
      async () => (await runsElsewhere(after, dead)) && (await runsElsewhere(paused, dead)),
      RECOVERY_MS,
    );
    expect(await log.lines()).toEqual(['before begins', 'before ends']);
    expect(asked('Still')).toBe(1);
    expect(await post(second, `${after}/approvals/${(await approvalOf(after)) ?? ''}`, { decision: 'approve' })).toBe(
      200,
    );
    expect(await post(second, `${paused}/resume`)).toBe(202);
    await chaos.untilEnded([after, paused]);
    expect(await log.lines()).toEqual(['before begins', 'before ends', 'after begins', 'after ends']);
    for (const id of [before, after, paused, retried]) {
      expect(await chaos.workflow(second, id)).toMatchObject({ status: 'completed', success: true });
    }
    for (const id of [before, after, paused]) await chaos.expectConsistent(id);
    // The hanging call, the one after the crash, and the synthesis of each run.
    expect(asked('Again')).toBe(paidBefore + 3);
  }, 120_000);

  it('a cancel aborts the call in flight of another replica', async () => {
    // The answers are held back until the test is over: a call that ends before was not run to its end.
    chaos.model.script({ match: { prompt: 'Hang there', schema: false }, hold: 'for good' });
    const there = await start();
    const alone = await chaos.accept(there, 'Hang there.', uncached('direct_execution'));
    const branched = await chaos.accept(there, 'Hang there. [[subtasks:2]]', uncached('parallel_execution'));
    const held = () =>
      chaos.model.requests.filter(({ prompt, outcome }) => prompt.includes('Hang there') && outcome !== 'finished');
    await until('the calls are in flight', () => held().length === 3);
    // It runs none of them: they began before it did.
    const here = await start();
    for (const id of [alone, branched]) expect(await post(here, `${id}/cancel`)).toBe(202);
    await chaos.model.waitFor(() => held().every(({ outcome }) => outcome === 'client_gone'));
    for (const id of [alone, branched]) {
      await until('the calls were settled', async () =>
        (await chaos.calls(id)).every(({ status }) => status !== 'sent'),
      );
      await chaos.expectConsistent(id);
      expect(await post(there, `${id}/cancel`)).toBe(200);
    }
  }, 60_000);
});
