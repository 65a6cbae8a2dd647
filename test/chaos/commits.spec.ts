import { cleanUpProcesses, type NyxProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { Chaos, type Workflow, RECOVERY_MS } from './chaos-fixture.js';
import { HeldCommit, type CommitPoint } from './held-commit.js';

const uncached = (strategy: string, more: object = {}) => ({
  execution_preferences: { strategy, caching_strategy: 'disabled', ...more },
});

const END: CommitPoint = { table: 'workflows', event: 'UPDATE', when: "NEW.status = 'completed'" };
const FUNCTION_ENDS: CommitPoint = {
  table: 'durable.workflow_status',
  event: 'UPDATE',
  when: "NEW.status = 'SUCCESS' AND NEW.parent_workflow_id IS NULL",
};
const CHILD_BEGINS: CommitPoint = {
  table: 'durable.workflow_status',
  event: 'INSERT',
  when: 'NEW.parent_workflow_id IS NOT NULL',
};
const CHILD_ENDS: CommitPoint = {
  table: 'durable.workflow_status',
  event: 'UPDATE',
  when: "NEW.status = 'SUCCESS' AND NEW.parent_workflow_id IS NOT NULL",
};
const SPAWN: CommitPoint = { table: 'thought_trees', event: 'INSERT', when: "NEW.metadata ? 'spawned_by'" };
const SPAWNED: CommitPoint = {
  table: 'tool_executions',
  event: 'INSERT',
  when: "NEW.tool_name = 'spawn_subtask'",
};
const SUB_FAILED: CommitPoint = { table: 'orchestrators', event: 'UPDATE', when: "NEW.status = 'failed'" };
const CONVENED: CommitPoint = {
  table: 'workflows',
  event: 'UPDATE',
  when: 'NEW.recovery_councils > OLD.recovery_councils',
};
const DECIDED: CommitPoint = {
  table: 'thought_trees',
  event: 'UPDATE',
  when: "NEW.metadata ? 'recovery' AND NOT OLD.metadata ? 'recovery'",
};

describe('kill -9 in a commit', () => {
  let chaos: Chaos;
  let nyx: NyxProcess;

  beforeAll(async () => {
    chaos = await Chaos.begin();
    nyx = await chaos.startNyx();
  }, 120_000);
  afterAll(async () => {
    await chaos.end();
    await cleanUpProcesses();
  });
  beforeEach(() => chaos.model.reset());

  /** The workflow runs up to the point, its process is killed there, and another one ends it. */
  const survive = async (point: CommitPoint, prompt: string, context: object): Promise<Workflow> => {
    const held = await HeldCommit.at(chaos.sql, point);
    const id = await chaos.accept(nyx, prompt, context);
    await held.untilReached();
    await chaos.kill(nyx);
    await held.abandon();
    nyx = await chaos.startNyx();
    await chaos.untilEnded([id], RECOVERY_MS);
    await until('its durable function has ended', async () => (await durableStatus(id)) === 'SUCCESS', RECOVERY_MS);
    await chaos.expectConsistent(id);
    const workflow = await chaos.workflow(nyx, id);
    expect(workflow).toMatchObject({ status: 'completed', success: true });
    expect(workflow.cost_usd).toBe(chaos.chargedOnce());
    // Nothing was in flight: nothing is asked twice.
    expect(chaos.model.byPrompt().filter(({ sent }) => sent !== 1)).toEqual([]);
    return workflow;
  };
  const durableStatus = async (id: string): Promise<string | undefined> =>
    (
      await chaos.sql.query<{ status: string }>('SELECT status FROM durable.workflow_status WHERE workflow_uuid = $1', [
        id,
      ])
    ).rows[0]?.status;
  const count = async (from: string, id: string): Promise<number> =>
    (await chaos.sql.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${from}`, [id])).rows[0]?.n ?? -1;

  it.each([
    ['that ends a workflow', END],
    ['after it, which ends its durable function', FUNCTION_ENDS],
  ])(
    '%s: it ends once',
    async (_, point) => {
      const { workflow_id: id } = await survive(point, '[[subtasks:2]]', uncached('parallel_execution'));
      expect(await count(`workflow_events WHERE workflow_id = $1 AND type = 'workflow.completed'`, id)).toBe(1);
      expect(await count('workflow_outcomes WHERE workflow_id = $1', id)).toBe(1);
      expect(await count(`durable.operation_outputs WHERE workflow_uuid = $1 AND function_name LIKE 'end%'`, id)).toBe(
        1,
      );
      expect(chaos.model.requests).toHaveLength(4);
    },
    120_000,
  );

  it.each([
    ['that writes a spawned subtask', SPAWN],
    ['that starts its function', CHILD_BEGINS],
    ['that ends its function', CHILD_ENDS],
    ['that tells its agent what came of it', SPAWNED],
  ])(
    '%s: there is exactly one, done once',
    async (_, point) => {
      const spawn = { name: 'spawn_subtask', input: { title: 'one', instructions: 'Do one.' } };
      chaos.model.script(
        { match: { system: 'Do the whole task', turn: 1 }, toolUses: [spawn] },
        { match: { system: 'Do the whole task', turn: 2 }, answer: 'Done.' },
        { match: { system: 'one subtask' }, answer: 'A part.' },
      );
      const { workflow_id: id, result } = await survive(point, 'Have it done.', uncached('direct_execution'));
      expect(result?.content).toBe('Done.');
      expect(chaos.model.requests).toHaveLength(3);
      expect(
        await count(`thought_trees WHERE root_id = $1 AND metadata ? 'spawned_by' AND status = 'completed'`, id),
      ).toBe(1);
      expect(await count('thought_trees WHERE root_id = $1', id)).toBe(2);
      expect(await count('agents a JOIN thought_trees t ON t.id = a.thought_tree_id WHERE t.root_id = $1', id)).toBe(2);
      expect(await count('durable.workflow_status WHERE parent_workflow_id = $1', id)).toBe(1);
      expect(await count(`tool_executions WHERE workflow_id = $1 AND status = 'succeeded'`, id)).toBe(1);
    },
    120_000,
  );

  it.each([
    ['that ends a sub-orchestrator that failed', SUB_FAILED],
    ['that convenes a council over it', CONVENED],
    ['that writes what the council decided', DECIDED],
  ])(
    '%s: one council is held, and what it decides is done once',
    async (_, point) => {
      chaos.model.script(
        {
          match: { schema: 'subtasks', prompt: '<part>\nPart 1' },
          ...{ status: 400, errorType: 'invalid_request_error', errorMessage: 'That cannot be done.' },
        },
        { match: { schema: 'vote' }, answer: { vote: 'retry_differently', reason: 'It is best.', confidence: 0.8 } },
      );
      const { workflow_id: id } = await survive(
        point,
        '[[subtasks:2]] [[chain]] [[decompose:1]]',
        uncached('recursive_decomposition', { failure_tolerance: 'medium' }),
      );
      expect(await count('workflows WHERE id = $1 AND recovery_councils = 1', id)).toBe(1);
      expect(await count(`workflow_events WHERE workflow_id = $1 AND type = 'thought.failed'`, id)).toBe(0);
      // The plan, the plan that fails, three views, replies and votes, the other try, Part 2, the synthesis.
      expect(chaos.model.requests).toHaveLength(14);
    },
    120_000,
  );

  it('while a pause holds the result back: it ends when it is resumed', async () => {
    chaos.model.script({ hold: 'only' });
    const id = await chaos.accept(nyx, 'Go.', uncached('direct_execution'));
    await chaos.model.waitFor(1);
    const order = async (what: string): Promise<number> =>
      (await chaos.fetch(nyx, `/api/v1/orchestrator/workflows/${id}/${what}`, { method: 'POST' })).status;
    expect(await order('pause')).toBe(202);
    chaos.model.release('only');
    const held = `durable.operation_outputs WHERE workflow_uuid = $1 AND function_name = 'end'`;
    await until('it waits for people', async () => (await count(held, id)) === 1);
    const dead = await chaos.executorOf(id);
    await chaos.kill(nyx);
    nyx = await chaos.startNyx();
    await until('it was taken over', async () => ![null, dead].includes(await chaos.executorOf(id)), RECOVERY_MS);
    expect((await chaos.workflow(nyx, id)).status).toBe('in_progress');
    expect(await order('resume')).toBe(202);
    await chaos.untilEnded([id]);
    await chaos.expectConsistent(id);
    expect(await chaos.workflow(nyx, id)).toMatchObject({ status: 'completed', success: true });
    expect(chaos.model.requests).toHaveLength(1);
  }, 120_000);

  it('between the votes of a recovery council: no vote that was cast is asked for again', async () => {
    const vote = { match: { schema: 'vote' }, answer: { vote: 'retry_differently', reason: 'Best.', confidence: 0.8 } };
    chaos.model.script({ match: { system: 'one subtask', prompt: '<subtask>\nPart 1' }, times: 1, status: 400 }, vote, {
      ...vote,
      hold: 'votes',
      skip: 1,
    });
    const preferences = uncached('parallel_execution', { failure_tolerance: 'medium' });
    const id = await chaos.accept(nyx, '[[subtasks:2]] [[chain]]', preferences);
    const voting = () => chaos.model.requests.filter(({ body }) => JSON.stringify(body).includes('"vote"'));
    await until('the second vote is asked for', () => voting().length === 2);
    await chaos.kill(nyx);
    const paid = (await chaos.calls(id)).filter(({ status }) => status === 'succeeded');
    chaos.model.release('votes');
    nyx = await chaos.startNyx();
    await chaos.untilEnded([id], RECOVERY_MS);
    expect(await chaos.workflow(nyx, id)).toMatchObject({ status: 'completed', success: true });
    await chaos.expectConsistent(id);
    expect(await count('workflows WHERE id = $1 AND recovery_councils = 1', id)).toBe(1);
    const after = await chaos.calls(id);
    for (const { id: call, prompt_text: prompt } of paid) {
      expect(after.filter((each) => each.prompt_text === prompt).map((each) => each.id)).toEqual([call]);
    }
    expect(voting()).toHaveLength(4);
  }, 120_000);
});
