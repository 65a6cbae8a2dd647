import { resultsIn, type RecordedRequest } from '../support/model-server.js';
import { cleanUpProcesses } from '../support/process.js';
import { until } from '../support/until.js';
import { Chaos, RECOVERY_MS } from './chaos-fixture.js';
import { ToolLog } from './tool-log.js';

const logLine = (line: string) => ({ name: 'log_line', input: { line } });
const DIRECT = { execution_preferences: { strategy: 'direct_execution' } };

const turnOf = ({ body }: RecordedRequest): number => ((body as { messages: unknown[] }).messages.length + 1) / 2;

describe('kill -9 in the middle of an agent’s loop', () => {
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

  const start = () => chaos.startNyx(log.env);
  const asked = (prompt: string): RecordedRequest[] =>
    chaos.model.requests.filter((request) => request.prompt.includes(prompt) && request.path === '/v1/messages');

  it('repeats no finished turn and no finished call, and tells the model of one whose outcome nobody knows', async () => {
    chaos.model.script(
      { match: { prompt: 'Hang', turn: 1 }, toolUses: [logLine('one'), logLine('hang'), logLine('two')] },
      { match: { prompt: 'Hang', turn: 2, result: 'nobody knows whether it acted' }, answer: 'One unknown.' },
      { match: { prompt: 'Log three', turn: 1 }, toolUses: [logLine('three')] },
      { match: { prompt: 'Log three', turn: 2 }, hold: 'three', answer: 'Three.' },
    );
    const first = await start();
    const hanging = await chaos.accept(first, 'Hang.', DIRECT);
    const waiting = await chaos.accept(first, 'Log three.', DIRECT);
    await until('the call hangs', async () => (await log.lines()).includes('hang begins'));
    await until('the other waits for the model', () => asked('Log three').length === 2);
    await chaos.kill(first);

    const second = await start();
    await until('it is asked again', () => asked('Log three').length === 3, RECOVERY_MS);
    chaos.model.release('three');
    await chaos.untilEnded([hanging, waiting]);

    const lines = await log.lines();
    expect(lines.filter((line) => !line.startsWith('three'))).toEqual([
      'one begins',
      'one ends',
      'hang begins',
      'two begins',
      'two ends',
    ]);
    expect(lines.filter((line) => line.startsWith('three'))).toEqual(['three begins', 'three ends']);
    expect((await chaos.workflow(second, hanging)).result?.content).toBe('One unknown.');
    expect((await chaos.workflow(second, waiting)).result?.content).toBe('Three.');
    expect(asked('Hang').map(turnOf)).toEqual([1, 2]);
    expect(asked('Log three').map(turnOf)).toEqual([1, 2, 2]);
    const [, before, after] = asked('Log three');
    expect(after?.body).toEqual(before?.body);
    const results = resultsIn((asked('Hang')[1]?.body as { messages: unknown }).messages);
    expect(results.map(({ isError }) => isError)).toEqual([false, true, false]);
    const { rows } = await chaos.sql.query<{ status: string }>(
      'SELECT status FROM tool_executions WHERE workflow_id = $1 ORDER BY started_at',
      [hanging],
    );
    expect(rows.map(({ status }) => status)).toEqual(['succeeded', 'unknown', 'succeeded']);

    for (const id of [hanging, waiting]) await chaos.expectConsistent(id);
  }, 120_000);
});
