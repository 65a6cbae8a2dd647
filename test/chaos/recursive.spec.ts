import { cleanUpProcesses } from '../support/process.js';
import { Chaos } from './chaos-fixture.js';
import { surviveKilledRecursion, undisturbedRecursion } from './recursive-crash.js';

/** One kill; more random ones are in recursive.long-spec.ts. */
describe('a workflow with sub-orchestrators', () => {
  afterAll(cleanUpProcesses);

  it('survives kill -9 without paying twice, and keeps its shape', async () => {
    await surviveKilledRecursion(1, await undisturbedRecursion());
  }, 120_000);

  it('is shared by two replicas: both run children of it', async () => {
    const chaos = await Chaos.begin();
    try {
      chaos.model.script({ delayMs: 20 });
      const replicas = await Promise.all([chaos.startNyx(), chaos.startNyx()]);
      const context = {
        execution_preferences: { strategy: 'recursive_decomposition', parallelization: 'aggressive' },
        resource_limits: { max_recursion_depth: 2, max_concurrent_agents: 40, max_subtasks: 20 },
      };
      let executors = 0;
      // Which replica finds a child first is chance; in ten workflows of a hundred children each it is not always the same.
      for (let turn = 0; turn < 10 && executors < 2; turn += 1) {
        const id = await chaos.accept(replicas[turn % 2] ?? replicas[0], '[[subtasks:16]] [[decompose:3]]', context);
        await chaos.untilEnded([id]);
        expect(await chaos.workflow(replicas[0], id)).toMatchObject({ status: 'completed', success: true });
        await chaos.expectConsistent(id);
        const { rows } = await chaos.sql.query<{ executors: number }>(
          `WITH RECURSIVE family AS (
             SELECT workflow_uuid, executor_id FROM durable.workflow_status WHERE workflow_uuid = $1
             UNION SELECT child.workflow_uuid, child.executor_id FROM durable.workflow_status child
                     JOIN family ON child.parent_workflow_id = family.workflow_uuid
           )
           SELECT count(DISTINCT executor_id)::int AS executors FROM family`,
          [id],
        );
        executors = rows[0]?.executors ?? 0;
      }
      expect(executors).toBe(2);
    } finally {
      await chaos.end();
    }
  }, 120_000);
});
