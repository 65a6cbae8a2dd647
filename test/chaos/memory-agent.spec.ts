import { cleanUpProcesses } from '../support/process.js';
import type { RecordedRequest } from '../support/model-server.js';
import { until } from '../support/until.js';
import { Chaos, RECOVERY_MS } from './chaos-fixture.js';

const CONTEXT = { execution_preferences: { strategy: 'parallel_execution', caching_strategy: 'disabled' } };

describe('kill -9 after what is remembered was condensed', () => {
  afterAll(cleanUpProcesses);

  it('does not pay for it again, and the planner is shown the same', async () => {
    const chaos = await Chaos.begin();
    try {
      const asked = (system: string): RecordedRequest[] =>
        chaos.model.requests.filter((request) => request.system.includes(system));
      chaos.model.script(
        { match: { system: 'memory of NYX' }, answer: { summary: 'Doors jam in the cold.', confidence: 0.9 } },
        { match: { system: 'planner of NYX' }, hang: true, times: 1 },
      );
      const first = await chaos.startNyx();
      for (let n = 0; n < 5; n += 1) {
        const content = `Zeppelin hangar doors ${n}. ${'They jam when it is cold. '.repeat(200)}`;
        const body = JSON.stringify({ scope: 'global', memory_type: 'learning', content });
        expect((await chaos.fetch(first, '/api/v1/orchestrator/memories', { method: 'POST', body })).status).toBe(201);
      }
      const id = await chaos.accept(first, 'Zeppelin hangar doors.', CONTEXT);
      await until('the planner is asked', () => asked('planner of NYX').length === 1, RECOVERY_MS);
      await chaos.kill(first);

      const second = await chaos.startNyx();
      await chaos.untilEnded([id], 90_000);
      expect(await chaos.workflow(second, id)).toMatchObject({ status: 'completed', success: true });
      expect(asked('memory of NYX')).toHaveLength(1);
      const [before, after, ...others] = asked('planner of NYX');
      expect(others).toEqual([]);
      expect(after?.body).toEqual(before?.body);
      expect(after?.prompt).toContain('Doors jam in the cold.');
      await chaos.expectConsistent(id);
    } finally {
      await chaos.end();
    }
  }, 180_000);
});
