import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedRequest } from '../support/model-server.js';
import { until } from '../support/until.js';
import { OrchestratorFixture, uncached } from './orchestrator-fixture.js';

let fixture: OrchestratorFixture;

beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
});
afterAll(() => fixture.close());
beforeEach(() => fixture.model.reset());

interface Status {
  status: string;
  metadata: { paused: boolean; error_code?: string };
}

const order = async (id: string, what: string) => {
  const answer = await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/${what}`);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};
const status = (id: string): Promise<Status> => fixture.get<Status>(`/workflows/${id}/status`);
const minutes = (ms: number) => ({ resource_limits: { max_execution_time_minutes: ms / 60_000 } });

/** Calls are looked for by rows that only a step beyond the gate writes. */
const callsOf = async (id: string): Promise<number> =>
  (
    await fixture.database.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM llm_interactions WHERE workflow_id = $1',
      [id],
    )
  )[0]?.n ?? -1;

/** What the durable function has done, in its order. */
const stepsOf = async (id: string): Promise<string[]> =>
  (
    await fixture.database.query<{ name: string }>(
      'SELECT function_name AS name FROM durable.operation_outputs WHERE workflow_uuid = $1 ORDER BY function_id',
      [id],
    )
  ).map(({ name }) => name);
const bothBranchesBegan = (id: string): Promise<void> =>
  until('branches were begun', async () => {
    const rows = await fixture.database.query(
      `SELECT 1 FROM durable.workflow_status WHERE parent_workflow_id = $1 AND status = 'PENDING'`,
      [id],
    );
    return rows.length === 2;
  });
const isHeld = ({ system }: RecordedRequest, match: { system?: string }): boolean =>
  system.includes(match.system ?? '');

describe('a paused workflow', () => {
  it('lets the call in flight end, begins no other, and goes on when it is resumed', async () => {
    fixture.model.script({ match: { schema: true }, hold: 'plan' });
    const id = await fixture.accept('[[subtasks:2]]', uncached('parallel_execution'));
    await fixture.model.waitFor(1);
    expect(await order(id, 'pause')).toEqual({ status: 202, body: { workflow_id: id, status: 'in_progress' } });
    expect((await order(id, 'pause')).status).toBe(200);
    expect(await status(id)).toMatchObject({ status: 'in_progress', metadata: { paused: true } });
    fixture.model.release('plan');
    await until('the plan stands', async () => (await fixture.eventTypes(id)).includes('workflow.planned'));
    await bothBranchesBegan(id);
    expect(await callsOf(id)).toBe(1);
    expect((await order(id, 'resume')).status).toBe(202);
    expect(await fixture.ended(id)).toMatchObject({ status: 'completed', success: true });
    expect(fixture.model.requests).toHaveLength(4);
    const types = await fixture.eventTypes(id);
    expect(types.filter((type) => /paused|resumed/.test(type))).toEqual(['workflow.paused', 'workflow.resumed']);
    expect((await order(id, 'pause')).status).toBe(409);
    expect((await order(id, 'resume')).status).toBe(409);
    expect((await status(id)).metadata.paused).toBe(false);
  });

  it('asks with what is there when it is resumed, not with what was there when it was paused', async () => {
    fixture.model.script({ match: { schema: true }, hold: 'plan' });
    const id = await fixture.accept('[[subtasks:2]]', uncached('parallel_execution'));
    await fixture.model.waitFor(1);
    await order(id, 'pause');
    fixture.model.release('plan');
    await bothBranchesBegan(id);
    // So that they have come to where they wait.
    await sleep(300);
    await fixture.database.query(
      `INSERT INTO agent_communications (id, sender_agent_id, thought_tree_id, workflow_id, message_type, content)
       SELECT gen_random_uuid(), a.id, $1::uuid, $1::uuid, 'notification', '{"text": "The river has moved."}'
         FROM agents a WHERE a.thought_tree_id = $1::uuid`,
      [id],
    );
    await order(id, 'resume');
    expect(await fixture.ended(id)).toMatchObject({ status: 'completed', success: true });
    const subtasks = fixture.model.requests.slice(1, 3).map((request) => JSON.stringify(request));
    for (const subtask of subtasks) expect(subtask).toContain('The river has moved.');
  });

  it('can be cancelled', async () => {
    fixture.model.script({ match: { schema: true }, hold: 'plan' });
    const id = await fixture.accept('[[subtasks:2]]', uncached('parallel_execution'));
    await fixture.model.waitFor(1);
    await order(id, 'pause');
    fixture.model.release('plan');
    await until('the plan stands', async () => (await fixture.eventTypes(id)).includes('workflow.planned'));
    expect((await order(id, 'cancel')).status).toBe(202);
    expect(await status(id)).toMatchObject({ status: 'cancelled', metadata: { paused: false } });
    expect(fixture.model.requests).toHaveLength(1);
  });

  it('does not wait for a step that writes events and then what belongs to the workflow', async () => {
    fixture.model.script({ hold: 'answer' });
    const id = await fixture.accept('Go.', uncached('direct_execution'));
    await fixture.model.waitFor(1);
    let paused: ReturnType<typeof order> | undefined;
    await fixture.database.transaction(async (tx) => {
      await tx.query('SELECT FROM event_streams WHERE workflow_id = $1 FOR UPDATE', [id]);
      paused = order(id, 'pause');
      await until('the pause waits for the events', async () => {
        // What a transaction has seen of the activity it sees until its end.
        await tx.query('SELECT pg_stat_clear_snapshot()');
        const waiting = await tx.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%event_streams%'`,
        );
        return waiting.length > 0;
      });
      // As each row does that refers to it.
      await tx.query('SELECT FROM workflows WHERE id = $1 FOR KEY SHARE NOWAIT', [id]);
    });
    expect((await paused)?.status).toBe(202);
    await order(id, 'resume');
    fixture.model.release('answer');
    expect(await fixture.ended(id)).toMatchObject({ success: true });
  });

  it.each([
    ['its only call', 'Go.', uncached('direct_execution'), 'only', {}],
    ['its synthesis', '[[subtasks:1]]', uncached('parallel_execution'), 'synthesis', { system: 'synthesising agent' }],
  ])('does not end when %s was in flight, until it is resumed', async (_, prompt, context, hold, match) => {
    fixture.model.script({ match, hold });
    const id = await fixture.accept(prompt, context);
    await until('the last call is in flight', () => fixture.model.requests.some((each) => isHeld(each, match)));
    await order(id, 'pause');
    fixture.model.release(hold);
    await until('it waits for people', async () => (await stepsOf(id)).at(-1) === 'end');
    expect(await status(id)).toMatchObject({ status: 'in_progress', metadata: { paused: true } });
    expect(await fixture.eventTypes(id)).not.toContain('workflow.completed');
    await order(id, 'resume');
    expect(await fixture.ended(id)).toMatchObject({ status: 'completed', success: true });
    expect((await fixture.eventTypes(id)).filter((type) => type === 'workflow.completed')).toHaveLength(1);
    expect((await stepsOf(id)).slice(-3)).toEqual(['end', 'held-1', 'end-2']);
  });

  it('that waits with its result can be cancelled', async () => {
    fixture.model.script({ hold: 'only' });
    const id = await fixture.accept('Go.', uncached('direct_execution'));
    await fixture.model.waitFor(1);
    await order(id, 'pause');
    fixture.model.release('only');
    await until('it waits for people', async () => (await stepsOf(id)).at(-1) === 'end');
    expect((await order(id, 'cancel')).status).toBe(202);
    expect(await status(id)).toMatchObject({ status: 'cancelled', metadata: { paused: false } });
    expect((await fixture.eventTypes(id)).at(-1)).toBe('workflow.cancelled');
  });

  it('costs one that nobody paused no step', async () => {
    const { workflow_id: id } = await fixture.execute('Go.', uncached('direct_execution'));
    expect(await stepsOf(id)).toEqual(['begin', 'direct', 'end']);
  });

  it('is unknown when there is none', async () => {
    expect((await order('019ab0c4-5d6e-7f80-9123-456789abcdef', 'pause')).status).toBe(404);
  });
});

describe('max_execution_time_minutes', () => {
  it('aborts the call in flight, begins no other, and keeps what was done', async () => {
    fixture.model.script({ match: { prompt: '<subtask>\nPart 2' }, hang: true });
    const answer = await fixture.execute('[[subtasks:3]] [[chain]]', {
      ...uncached('sequential_decomposition'),
      ...minutes(10_000),
    });
    expect(answer).toMatchObject({ success: false, metadata: { error_code: 'TIME_LIMIT' } });
    expect(answer.content).toContain('Part 1');
    expect(fixture.model.requests).toHaveLength(3);
    const calls = await fixture.database.query<{ status: string }>(
      'SELECT status FROM llm_interactions WHERE workflow_id = $1 ORDER BY request_timestamp',
      [answer.workflow_id],
    );
    expect(calls.map((call) => call.status)).toEqual(['succeeded', 'succeeded', 'in_doubt']);
  });

  it('does not count the time of a pause', async () => {
    fixture.model.script({ match: { schema: true }, hold: 'plan' });
    const id = await fixture.accept('[[subtasks:2]]', { ...uncached('parallel_execution'), ...minutes(60_000) });
    await fixture.model.waitFor(1);
    await order(id, 'pause');
    // As if the pause had begun an hour ago, a minute before the deadline.
    await fixture.database.query(
      `UPDATE workflows SET clock_stopped_at = clock_stopped_at - interval '1 hour', deadline_at = deadline_at - interval '1 hour'
        WHERE id = $1`,
      [id],
    );
    fixture.model.release('plan');
    await order(id, 'resume');
    expect(await fixture.ended(id)).toMatchObject({ success: true });
  });
});
