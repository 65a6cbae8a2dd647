import { derivedId, newId } from '../../src/database/ids.js';
import type { Transaction } from '../../src/database/sql.js';
import { ToolRefusal } from '../../src/tools/tool.js';
import { ToolAborted, type ToolExecution } from '../../src/tools/tool-run.js';
import { until } from '../support/until.js';
import { done, untilStopped } from './test-tools.js';
import { ToolsRoom } from './tools-room.js';

let room: ToolsRoom;
beforeAll(async () => {
  room = await ToolsRoom.start({ tools: { ratePerMinute: 5, maxCallsPerWorkflow: 8 } });
  await room.database.query('CREATE TABLE told (id uuid PRIMARY KEY, status text)');
});
afterAll(() => room.close());

/** The rows of a caller: a second one of the same run would collide. */
const tell = async (tx: Transaction, execution: ToolExecution): Promise<void> => {
  await tx.query('INSERT INTO told (id, status) VALUES ($1, $2)', [execution.executionId, execution.status]);
};
const told = async (id: string): Promise<string | undefined> =>
  (await room.database.query<{ status: string }>('SELECT status FROM told WHERE id = $1', [id]))[0]?.status;
const leaveRunning = (id: string): Promise<unknown> =>
  room.database.query(
    `UPDATE tool_executions SET status = 'running', success = NULL, completed_at = NULL, is_reported = false, claim_id = gen_random_uuid()
      WHERE id = $1`,
    [id],
  );

describe('a call of an agent', () => {
  it('that makes no sense or may not be is an execution that was refused', async () => {
    room.add('strict', () => done);
    room.add('dangerous', () => done, { risk: 'execute' });
    room.add('away', () => done, { risk: 'read', availability: { available: false, reason: 'It is dead.' } });
    const agent = await room.agent();
    const only = await room.agent({ tools: ['strict'] });
    const reader = await room.agent({ isReadOnly: true });
    const long = 'x'.repeat(300);
    expect(await room.run(agent, 'no such tool')).toMatchObject({
      status: 'refused',
      rule: 'unknown_tool',
      success: false,
    });
    expect(await room.run(agent, long)).toMatchObject({ rule: 'unknown_tool' });
    expect(await room.run(agent, 'strict', { parameters: { a: '\0' } })).toMatchObject({ rule: 'invalid_parameters' });
    expect(await room.run(agent, 'strict', { parameters: 'text' })).toMatchObject({ rule: 'invalid_parameters' });
    expect(await room.run(agent, 'away')).toMatchObject({ rule: 'tool_unavailable' });
    expect(await room.run(only, 'dangerous')).toMatchObject({ rule: 'not_in_allowance' });
    expect(await room.run(reader, 'strict')).toMatchObject({ rule: 'approval_required' });
    const asked = await room.run(agent, 'dangerous');
    expect(asked).toMatchObject({ rule: 'approval_required' });
    const [, row] = await room.rows('dangerous');
    expect(asked.metadata).toEqual({ approval_hash: row?.arguments_hash });
    expect(await room.rows('strict')).toMatchObject([
      { status: 'refused', metadata: { parameters_omitted: true } },
      { status: 'refused', metadata: { parameters_omitted: true } },
      { status: 'refused', rule: 'approval_required', workflow_id: reader.workflowId, principal_id: 'somebody' },
    ]);
    expect(await room.rows(long.slice(0, 100))).toHaveLength(1);
  });

  it('acts once for one id, also for two callers at once, and commits with the rows of its caller', async () => {
    const tool = room.add('acts', () => ({ success: true, output: { ok: true }, stdout: 'out', metadata: { n: 1 } }));
    const agent = await room.agent();
    const executionId = derivedId('test', newId());
    const options = { executionId, commit: tell };
    const [one, two] = await Promise.all([room.run(agent, 'acts', options), room.run(agent, 'acts', options)]);
    expect(two).toEqual(one);
    expect(await room.run(agent, 'acts', options)).toEqual(one);
    expect(tool.runs).toBe(1);
    expect(await told(executionId)).toBe('succeeded');
  });

  it('answers a refusal again from its row', async () => {
    const agent = await room.agent({ tools: [] });
    const options = { executionId: newId(), commit: tell };
    room.add('unused', () => done);
    const refusal = await room.run(agent, 'unused', options);
    expect(await room.run({ ...agent, allowance: { tools: undefined, isReadOnly: false } }, 'unused', options)).toEqual(
      refusal,
    );
    expect(await told(options.executionId)).toBe('refused');
  });

  it('that was left in the middle is unknown and not repeated, unless it may be', async () => {
    const once = room.add('once', () => done);
    const again = room.add('again', () => done, { isRepeatable: true });
    const agent = await room.agent();
    for (const name of ['once', 'again']) {
      const executionId = newId();
      await room.run(agent, name, { executionId });
      await leaveRunning(executionId);
      await room.run(agent, name, { executionId, commit: tell });
      expect(await told(executionId)).toBe(name === 'once' ? 'unknown' : 'succeeded');
    }
    expect([once.runs, again.runs]).toEqual([1, 2]);
    expect(await room.rows('once')).toMatchObject([
      { status: 'unknown', success: false, retry_count: 0, is_reported: true },
    ]);
    expect(await room.rows('again')).toMatchObject([{ status: 'succeeded', retry_count: 1 }]);
  });

  it('whose tool is gone is unknown, not refused, when it was left in the middle', async () => {
    room.add('vanishing', () => done);
    const agent = await room.agent();
    const executionId = newId();
    await room.run(agent, 'vanishing', { executionId });
    await leaveRunning(executionId);
    expect(await room.run(agent, 'another name', { executionId })).toMatchObject({ status: 'unknown' });
  });

  it('does nothing when its process may not write for the workflow any more', async () => {
    const tool = room.add('fenced', () => done);
    const agent = await room.agent();
    const fence = (): void => {
      throw new Error('not the owner');
    };
    await expect(room.run(agent, 'fenced', { executionId: newId(), fence })).rejects.toThrow('not the owner');
    expect(tool.runs).toBe(0);
    expect(await room.rows('fenced')).toEqual([]);
  });

  it('keeps what it did when its rows could not be written, and adds only those the next time', async () => {
    const tool = room.add('unwritten', () => ({ success: true, output: 'kept' }));
    const agent = await room.agent();
    const executionId = newId();
    const commit = (): Promise<void> => Promise.reject(new Error('no'));
    await expect(room.run(agent, 'unwritten', { executionId, commit })).rejects.toThrow('no');
    expect(await room.rows('unwritten')).toMatchObject([{ status: 'succeeded', is_reported: false }]);
    const execution = await room.run(agent, 'unwritten', { executionId, commit: tell });
    expect(execution).toMatchObject({ status: 'succeeded', output: 'kept' });
    expect(await told(executionId)).toBe('succeeded');
    expect(tool.runs).toBe(1);
  });

  it('that is stopped has no result: its step runs again and learns that nobody knows', async () => {
    const tool = room.add('stopped', untilStopped);
    const agent = await room.agent();
    const executionId = newId();
    const workflow = new AbortController();
    const run = room.run(agent, 'stopped', { executionId, commit: tell, signal: workflow.signal });
    await until('the tool runs', () => tool.runs === 1);
    workflow.abort();
    await expect(run).rejects.toBeInstanceOf(ToolAborted);
    expect(await told(executionId)).toBeUndefined();
    expect(await room.rows('stopped')).toMatchObject([{ status: 'unknown', is_reported: false }]);
    expect(await room.run(agent, 'stopped', { executionId, commit: tell })).toMatchObject({ status: 'unknown' });
    expect(await told(executionId)).toBe('unknown');
    expect(tool.runs).toBe(1);
  });

  it('only reads with one commit, and a read that is stopped leaves nothing', async () => {
    const seen: number[] = [];
    const reader = room.add(
      'reads',
      async () => {
        seen.push((await room.rows('reads')).length);
        return done;
      },
      { risk: 'read' },
    );
    const agent = await room.agent();
    const executionId = newId();
    const execution = await room.run(agent, 'reads', { executionId, commit: tell });
    expect(seen).toEqual([0]);
    expect(await room.run(agent, 'reads', { executionId, commit: tell })).toMatchObject(execution);
    expect(reader.runs).toBe(1);
    room.add('reads_long', untilStopped, { risk: 'read' });
    const workflow = new AbortController();
    const run = room.run(agent, 'reads_long', { signal: workflow.signal });
    setImmediate(() => workflow.abort());
    await expect(run).rejects.toBeInstanceOf(ToolAborted);
    expect(await room.rows('reads_long')).toEqual([]);
  });
});

describe('rates', () => {
  it.each(['write', 'read'] as const)(
    'let exactly as many calls of a tool through, however many come at once: %s',
    async (risk) => {
      const name = `busy_${risk}`;
      room.add(name, () => done, { risk });
      const agent = await room.agent();
      const runs = await Promise.all(Array.from({ length: 12 }, () => room.run(agent, name)));
      expect(runs.filter(({ success }) => success)).toHaveLength(5);
      expect(runs.filter(({ rule }) => rule === 'rate_limited')).toHaveLength(7);
      expect(await room.run(await room.agent(), name)).toMatchObject({ success: true });
      // Those that were refused take no place, and those of a minute ago are over.
      await room.database.query(
        `UPDATE tool_executions SET started_at = started_at - interval '1 minute' WHERE tool_name = $1`,
        [name],
      );
      expect(await room.run(agent, name)).toMatchObject({ success: true });
    },
  );

  it.each(['an agent', 'a person'])('hold %s to nothing of before the clock of the database went back', async (who) => {
    const tool = room.add(who.replace(' ', '_'), () => done);
    const agent = await room.agent();
    const run = async (): Promise<boolean> =>
      who === 'an agent' ? (await room.run(agent, tool.name)).success : (await room.execute(tool.name)).status === 200;
    for (let call = 0; call < 5; call += 1) expect(await run()).toBe(true);
    expect(await run()).toBe(false);
    await room.database.query(
      `UPDATE tool_executions SET started_at = started_at + interval '1 hour' WHERE tool_name = $1`,
      [tool.name],
    );
    expect(await run()).toBe(true);
  });

  it('hold for a workflow over all its tools', async () => {
    const [one, other] = [room.add('limited', () => done), room.add('limited_too', () => done, { risk: 'read' })];
    const agent = await room.agent();
    const runs = await Promise.all(
      Array.from({ length: 5 }, () => [room.run(agent, 'limited'), room.run(agent, 'limited_too')]).flat(),
    );
    expect(runs.filter(({ success }) => success)).toHaveLength(8);
    expect(runs.filter(({ rule }) => rule === 'workflow_limit')).toHaveLength(2);
    expect(one.runs + other.runs).toBeGreaterThanOrEqual(8);
    expect(one.runs).toBeLessThanOrEqual(5);
  });

  it('count what was begun, also when the tool itself refused then', async () => {
    const outside = (): never => {
      throw new ToolRefusal('outside', 'Not there.');
    };
    for (const risk of ['write', 'read'] as const) {
      const tool = room.add(`refusing_${risk}`, outside, { risk });
      const agent = await room.agent();
      const rules: (string | undefined)[] = [];
      for (let run = 0; run < 7; run += 1) rules.push((await room.run(agent, tool.name)).rule);
      expect(rules).toEqual([...Array<string>(5).fill('outside'), 'rate_limited', 'rate_limited']);
      expect(tool.runs).toBe(5);
    }
  });

  it('are told to people with when to come again', async () => {
    room.add('for_people', () => done);
    const answers = await Promise.all(Array.from({ length: 8 }, () => room.execute('for_people')));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    const [refusal] = answers.filter(({ status }) => status === 429);
    expect(refusal?.body).toMatchObject({ error_code: 'RATE_LIMITED', rule: 'rate_limited' });
    expect(Number(refusal?.headers.get('retry-after'))).toBeGreaterThan(50);
    expect((await room.rows('for_people')).filter(({ status }) => status === 'refused')).toHaveLength(3);
  });
});
