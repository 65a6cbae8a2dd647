import { setTimeout as sleep } from 'node:timers/promises';
import { cleanUpProcesses } from '../support/process.js';
import { until } from '../support/until.js';
import { Chaos } from './chaos-fixture.js';

const COUNCIL = { execution_preferences: { strategy: 'council_driven' } };
const PROMPT = 'Decide on a bridge. [[subtasks:2]]';
/** Three views, three answers, three votes, a decision, two steps, a synthesis, a verdict. */
const CALLS = 14;

const uncached = { execution_preferences: { ...COUNCIL.execution_preferences, caching_strategy: 'disabled' } };

/** While the views are given, between answers and votes, and when the decision is carried out. */
describe('kill -9 in the middle of a council', () => {
  afterAll(cleanUpProcesses);

  it.each([2, 7, 11])(
    'after %i calls: it goes on and ends as it would have, and pays nothing twice',
    async (requests) => {
      const chaos = await Chaos.begin();
      try {
        chaos.model.script({ delayMs: 25 });
        const first = await chaos.startNyx();
        const id = await chaos.accept(first, PROMPT, COUNCIL);
        await chaos.model.waitFor(requests);
        await sleep(10);
        await chaos.kill(first);
        const atKill = await chaos.calls(id);

        const second = await chaos.startNyx();
        await chaos.untilEnded([id]);
        expect(await chaos.workflow(second, id)).toMatchObject({ status: 'completed', success: true });
        await chaos.expectConsistent(id);
        const calls = await chaos.calls(id);
        expect(calls.filter(({ status }) => status === 'succeeded')).toHaveLength(CALLS);
        const paid = atKill.filter(({ status }) => status === 'succeeded');
        for (const { id: call, prompt_text: prompt } of paid) {
          expect(calls.filter((each) => each.prompt_text === prompt).map((each) => each.id)).toEqual([call]);
        }
        const { rows } = await chaos.sql.query<{ goal: string }>(
          'SELECT goal FROM thought_trees WHERE parent_id = $1 ORDER BY position',
          [id],
        );
        expect(rows.map(({ goal }) => goal)).toEqual(['Part 1', 'Part 2']);
      } finally {
        await chaos.end();
      }
    },
    120_000,
  );

  it('after members were asked again in another order than that of their seats', async () => {
    const chaos = await Chaos.begin();
    try {
      const viewOf = (role: string) => ({
        match: { schema: 'recommendation', prompt: `You are the ${role}` },
        times: 1,
        stopReason: 'refusal',
      });
      const askedAs = (role: string): number =>
        chaos.model.requests.filter(({ prompt }) => prompt.includes(`You are the ${role}`)).length;
      chaos.model.script({ match: { system: 'council' }, skip: 3, hold: 'answers' }, viewOf('strategist'), {
        ...viewOf('engineer'),
        hold: 'engineer',
      });
      const first = await chaos.startNyx();
      const id = await chaos.accept(first, PROMPT, uncached);
      await chaos.model.waitFor(3);
      await until('the others are done with their views', async () => {
        const { rows } = await chaos.sql.query(
          `SELECT 1 FROM durable.operation_outputs WHERE workflow_uuid = $1 AND function_name LIKE 'council:approach:view:%'`,
          [id],
        );
        return rows.length === 2;
      });
      chaos.model.release('engineer');
      // Three views, two of them again, and the three answers to them.
      await chaos.model.waitFor(5 + 3);
      expect([askedAs('engineer'), askedAs('strategist'), askedAs('dissenter')]).toEqual([3, 3, 2]);
      await chaos.kill(first);
      chaos.model.release('answers');
      const second = await chaos.startNyx();
      await chaos.untilEnded([id]);
      expect(await chaos.workflow(second, id)).toMatchObject({ status: 'completed', success: true });
      await chaos.expectConsistent(id);
    } finally {
      await chaos.end();
    }
  }, 120_000);
});
