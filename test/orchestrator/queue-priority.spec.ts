import fc from 'fast-check';
import { queuePriority } from '../../src/orchestrator/workflows/queue-priority.rules.js';
import { PRIORITIES, URGENCIES } from '../../src/orchestrator/workflows/workflow.values.js';
import { OrchestratorFixture } from './orchestrator-fixture.js';

describe('the place in the queue', () => {
  it('goes by priority times urgency, and people come before what NYX finds for itself', () => {
    expect(queuePriority('critical', 'critical', 'user')).toBe(1);
    expect(queuePriority('low', 'critical', 'user')).toBe(queuePriority('critical', 'low', 'schedule'));
    const [priority, urgency] = [fc.constantFrom(...PRIORITIES), fc.constantFrom(...URGENCIES)];
    fc.assert(
      fc.property(priority, urgency, priority, urgency, (priority, urgency, other, otherUrgency) => {
        const place = queuePriority(priority, urgency, 'user');
        expect(place).toBeGreaterThanOrEqual(1);
        expect(place).toBeLessThan(queuePriority(other, otherUrgency, 'motivation'));
        const isHigher = PRIORITIES.indexOf(other) >= PRIORITIES.indexOf(priority);
        const isMoreUrgent = URGENCIES.indexOf(otherUrgency) >= URGENCIES.indexOf(urgency);
        if (isHigher && isMoreUrgent) expect(queuePriority(other, otherUrgency, 'user')).toBeLessThanOrEqual(place);
      }),
    );
  });
});

describe('workflows that wait', () => {
  let fixture: OrchestratorFixture;

  beforeAll(async () => {
    fixture = await OrchestratorFixture.start({ limits: { maxConcurrentAgents: 1 } });
  });
  afterAll(() => fixture.close());

  it('begin in the order of their places, and not in that of their coming', async () => {
    fixture.model.script({ match: { prompt: 'Hold the place.' }, hold: 'place' });
    const direct = { execution_preferences: { strategy: 'direct_execution', caching_strategy: 'disabled' } };
    const send = async (prompt: string, priority: string, urgency: string): Promise<string> => {
      const content = { prompt };
      const body = { input_type: 'user_prompt', content, priority, urgency, execution_context: direct };
      const answer = await fixture.send(body, { prefer: 'respond-async' });
      expect(answer.status).toBe(202);
      return ((await answer.json()) as { workflow_id: string }).workflow_id;
    };
    const ids = [await send('Hold the place.', 'medium', 'normal')];
    await fixture.model.waitFor(1);
    ids.push(await fixture.acceptAutonomous('An idea.', direct));
    ids.push(await send('Low.', 'low', 'low'));
    ids.push(await send('Usual.', 'medium', 'normal'));
    ids.push(await send('Urgent.', 'medium', 'critical'));
    ids.push(await send('Critical.', 'critical', 'critical'));
    fixture.model.release('place');
    for (const id of ids) expect(await fixture.ended(id)).toMatchObject({ success: true });
    const order = fixture.model.requests.map(({ prompt }) => /<task>\n(.*)/.exec(prompt)?.[1]);
    expect(order).toEqual(['Hold the place.', 'Critical.', 'Urgent.', 'Usual.', 'Low.', 'An idea.']);
  });
});
