import { cleanUpProcesses } from '../support/process.js';
import { Chaos, type Workflow } from './chaos-fixture.js';

const EXECUTE = '/api/v1/orchestrator/workflows/execute';

describe('two replicas of NYX', () => {
  let chaos: Chaos;

  beforeEach(async () => {
    chaos = await Chaos.begin();
  });
  afterEach(() => chaos.end());
  afterAll(cleanUpProcesses);

  it('make one workflow of one key, and whoever waits on either gets its result', async () => {
    chaos.model.script({ hold: 'both wait' });
    const replicas = await Promise.all([chaos.startNyx(), chaos.startNyx()]);
    const body = JSON.stringify({ input_type: 'user_prompt', content: { prompt: 'Say a word.' } });
    const headers = { 'idempotency-key': 'one key' };
    const answers = replicas.map((nyx) => chaos.fetch(nyx, EXECUTE, { method: 'POST', body, headers }));
    await chaos.model.waitFor(1);
    chaos.model.release('both wait');
    const bodies = await Promise.all(answers.map(async (answer) => (await (await answer).json()) as Workflow));
    expect(bodies[0]).toMatchObject({ success: true });
    expect(bodies[1]).toEqual(bodies[0]);
    expect(chaos.model.requests).toHaveLength(1);
  });

  it('hand workflows over in order: the step in flight ends, its caller gets 202, nothing is paid twice', async () => {
    chaos.model.script({ match: { prompt: '<subtask>\nPart 2' }, hold: 'in flight' });
    const [leaving, staying] = [await chaos.startNyx(), await chaos.startNyx()];
    const caller = chaos.fetch(leaving, EXECUTE, {
      method: 'POST',
      body: JSON.stringify({
        input_type: 'user_prompt',
        content: { prompt: '[[subtasks:4]] [[chain]]' },
        execution_context: { execution_preferences: { strategy: 'sequential_decomposition' } },
      }),
    });
    await chaos.model.waitFor(3);
    leaving.kill('SIGTERM');
    const answer = await caller;
    expect(answer.status).toBe(202);
    const { workflow_id: id } = (await answer.json()) as Workflow;
    chaos.model.release('in flight');
    expect(await leaving.exited).toMatchObject({ code: 0 });
    await chaos.untilEnded([id]);
    expect(await chaos.workflow(staying, id)).toMatchObject({ status: 'completed', success: true });
    await chaos.expectConsistent(id);
    expect(chaos.model.requests).toHaveLength(6);
    const { rows } = await chaos.sql.query<{ attempts: string }>(
      'SELECT recovery_attempts AS attempts FROM durable.workflow_status WHERE workflow_uuid = $1',
      [id],
    );
    expect(Number(rows[0]?.attempts)).toBe(1);
  });
});
