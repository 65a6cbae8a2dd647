import { cleanUpProcesses } from '../support/process.js';
import { until } from '../support/until.js';
import { Chaos } from './chaos-fixture.js';

const WORKFLOWS = '/api/v1/orchestrator/workflows';
const DIRECT = { execution_preferences: { strategy: 'direct_execution', caching_strategy: 'disabled' } };
const CHAIN = { execution_preferences: { strategy: 'sequential_decomposition', caching_strategy: 'disabled' } };

/** A restart once cancelled what was running, and what had succeeded too; `/active` listed ended work for ever. */
describe('a restart', () => {
  afterAll(cleanUpProcesses);

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'by %s leaves what has ended as it was, and what was running goes on',
    async (signal) => {
      const chaos = await Chaos.begin();
      try {
        chaos.model.script(
          { match: { prompt: 'Fail.' }, status: 400, errorType: 'invalid_request_error' },
          { match: { prompt: 'Be cancelled.' }, hang: true },
          { match: { prompt: '<subtask>\nPart 2' }, times: 1, hold: 'part 2' },
        );
        const first = await chaos.startNyx();
        const successes = await Promise.all(
          Array.from({ length: 6 }, (_, n) => chaos.accept(first, `Succeed ${n}.`, DIRECT)),
        );
        const failed = await chaos.accept(first, 'Fail.', DIRECT);
        const cancelled = await chaos.accept(first, 'Be cancelled.', DIRECT);
        await until('it is asked', () => chaos.model.requests.some(({ prompt }) => prompt.includes('Be cancelled.')));
        await chaos.fetch(first, `${WORKFLOWS}/${cancelled}/cancel`, { method: 'POST' });
        const ended = [...successes, failed, cancelled];
        await chaos.untilEnded(ended);
        await until('the aborted call is booked', async () =>
          (await chaos.calls(cancelled)).every(({ status }) => status !== 'sent'),
        );
        const running = await chaos.accept(first, 'Go on. [[subtasks:3]] [[chain]]', CHAIN);
        const part2 = () => chaos.model.requests.filter(({ prompt }) => prompt.includes('<subtask>\nPart 2')).length;
        await until('the second part is at work', () => part2() === 1);
        const details = () =>
          Promise.all(
            ended.map(async (id) => {
              const answer = await chaos.fetch(now, `${WORKFLOWS}/${id}`);
              const status = await chaos.fetch(now, `${WORKFLOWS}/${id}/status`);
              return { id, codes: [answer.status, status.status], detail: (await answer.json()) as object };
            }),
          );
        let now = first;
        const before = await details();
        for (const { codes } of before) expect(codes).toEqual([200, 200]);
        expect(before.map(({ detail }) => (detail as { status: string }).status)).toEqual([
          ...successes.map(() => 'completed'),
          'failed',
          'cancelled',
        ]);

        first.kill(signal);
        // An orderly stop lets the call in flight end.
        if (signal === 'SIGTERM') chaos.model.release('part 2');
        await first.exited;
        chaos.model.release('part 2');
        now = await chaos.startNyx();
        const active = async (): Promise<string[]> => {
          const answer = await chaos.fetch(now, `${WORKFLOWS}/active?limit=100`);
          const { active_workflows: list } = (await answer.json()) as { active_workflows: { workflow_id: string }[] };
          return list.map(({ workflow_id: id }) => id);
        };
        expect((await active()).filter((id) => id !== running)).toEqual([]);
        await chaos.untilEnded([running]);
        expect(await chaos.workflow(now, running)).toMatchObject({ status: 'completed', success: true });
        expect(await active()).toEqual([]);
        expect(await details()).toEqual(before);
        expect(part2()).toBe(signal === 'SIGTERM' ? 1 : 2);
        for (const id of [...ended, running]) await chaos.expectConsistent(id);
      } finally {
        await chaos.end();
      }
    },
    120_000,
  );
});
