import { ToolRegistry } from '../../src/tools/tool-registry.js';
import { resultsIn, type ArrivedResult } from '../support/model-server.js';
import { until } from '../support/until.js';
import { OrchestratorFixture, strategy } from './orchestrator-fixture.js';
import { CommandTool, NotesTool } from './tool-shelf.js';

let fixture: OrchestratorFixture;
const [notes, far, shell] = [new NotesTool(), new NotesTool('far.notes'), new CommandTool()];

beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
  const registry = fixture.nyx.app.get(ToolRegistry);
  registry.register(notes, shell);
  registry.replace('far', [far]);
});
afterAll(() => fixture.close());
beforeEach(() => {
  fixture.model.reset();
  notes.clear();
  far.clear();
  shell.runs = 0;
});

const read = (name: string) => ({ name: 'notes', input: { operation: 'read', name } });
const write = (name: string, content: string) => ({ name: 'notes', input: { operation: 'write', name, content } });

const resultsOf = (request: number): ArrivedResult[] =>
  resultsIn((fixture.model.requests[request]?.body as { messages?: unknown } | undefined)?.messages);

const stepsOf = async (workflowId: string): Promise<string[]> => {
  const rows = await fixture.database.query<{ name: string }>(
    'SELECT function_name AS name FROM durable.operation_outputs WHERE workflow_uuid = $1 ORDER BY function_id',
    [workflowId],
  );
  return rows.map(({ name }) => name);
};

describe('a task agent', () => {
  it('uses tools until it is done, and every turn and call is on record', async () => {
    fixture.model.script(
      { match: { turn: 1 }, answer: 'I note it.', toolUses: [write('milk', 'Buy milk.')] },
      { match: { turn: 2 }, toolUses: [read('milk')] },
      { match: { turn: 3, result: 'Buy milk.' }, answer: 'The note says: buy milk.' },
    );
    const result = await fixture.execute('Note that I need milk.');
    expect(result).toMatchObject({ success: true, content: 'The note says: buy milk.' });
    expect(result.cost_usd).toBe(fixture.model.totalChargedUsd().toNumber());
    expect(fixture.model.requests).toHaveLength(3);
    expect(await stepsOf(result.workflow_id)).toEqual([
      'begin',
      'direct',
      'direct:tool-1',
      'direct:2',
      'direct:2:tool-1',
      'direct:3',
      'end',
    ]);
    const tree = await fixture.tree(result.workflow_id);
    const [first, second, third] = tree.llm_interactions;
    expect(tree.llm_interactions.map(({ purpose }) => purpose)).toEqual(['direct', 'direct:2', 'direct:3']);
    expect(first?.prompt_text).toContain('Note that I need milk.');
    expect(second?.prompt_text).not.toContain('Note that I need milk.');
    expect(third?.prompt_text).toContain('Buy milk.');
    expect(tree.tool_executions).toMatchObject([
      { tool_name: 'notes', success: true, agent_id: tree.agents[0]?.id },
      { tool_name: 'notes', success: true },
    ]);
    expect(tree.agents).toMatchObject([
      { status: 'completed', state: { result: { turns: 3, tool_calls: 2, cost_usd: result.cost_usd } } },
    ]);
    expect(await fixture.eventTypes(result.workflow_id)).toEqual([
      'workflow.started',
      'thought.started',
      'workflow.progress',
      'agent.spawned',
      'llm.completed',
      'tool.completed',
      'llm.completed',
      'tool.completed',
      'llm.completed',
      'agent.completed',
      'workflow.progress',
      'workflow.completed',
    ]);
    const [event] = await fixture.database.query<{ data: Record<string, unknown> }>(
      `SELECT data FROM workflow_events WHERE workflow_id = $1 AND type = 'tool.completed' ORDER BY seq`,
      [result.workflow_id],
    );
    expect(event?.data).toMatchObject({
      execution_id: tree.tool_executions[0]?.id,
      tool_name: 'notes',
      status: 'succeeded',
      success: true,
    });
  });

  it('that uses no tool takes the steps it always took', async () => {
    const { workflow_id: id } = await fixture.execute('What is a pen?');
    expect(await stepsOf(id)).toEqual(['begin', 'direct', 'end']);
    expect(fixture.model.requests).toHaveLength(1);
    const { messages, tools } = fixture.model.requests[0]?.body as { messages: unknown; tools: { name: string }[] };
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['far_notes', 'notes']));
    expect(tools.map(({ name }) => name)).not.toContain('notes_command');
    expect(JSON.stringify(messages)).not.toContain('cache_control');
    expect((await fixture.tree(id)).agents[0]?.state.result).not.toHaveProperty('turns');
  });

  it('reads at once what it asks for at once', async () => {
    notes.meeting = 3;
    for (const name of ['a', 'b', 'c']) notes.notes.set(name, `Note ${name}.`);
    fixture.model.script(
      { match: { turn: 1 }, toolUses: ['a', 'b', 'c'].map(read) },
      { match: { turn: 2 }, answer: 'All.' },
    );
    expect(await fixture.execute('Read them.')).toMatchObject({ success: true, content: 'All.' });
    expect(notes.record.slice(0, 3).sort()).toEqual(['read a', 'read b', 'read c']);
    expect(resultsOf(1).map(({ text }) => /Note ./.exec(text)?.[0])).toEqual(['Note a', 'Note b', 'Note c']);
  });

  it('has calls that change something run one after the other, in their order', async () => {
    fixture.model.script(
      { match: { turn: 1 }, toolUses: [write('a', 'new'), read('a'), write('a', 'newer'), read('a')] },
      { match: { turn: 2 }, answer: 'Done.' },
    );
    await fixture.execute('Change it.');
    expect(notes.record.filter((line) => !line.endsWith('done'))).toEqual(['write a', 'read a', 'write a', 'read a']);
    expect(notes.record.filter((_, index) => index % 2 === 1).every((line) => line.endsWith('done'))).toBe(true);
    expect(resultsOf(1).map(({ text }) => /newe?r?/.exec(text)?.[0])).toEqual(['new', 'new', 'newer', 'newer']);
  });

  it('is shown of a long result its beginning, its very end, and how much is left out', async () => {
    const content = 'ä'.repeat(400_000);
    notes.notes.set('long', content);
    fixture.model.script({ match: { turn: 1 }, toolUses: [read('long')] }, { match: { turn: 2 }, answer: 'Long.' });
    expect(await fixture.execute('Read it.')).toMatchObject({ success: true });
    const lines = resultsOf(1)[0]?.text.split('\n') ?? [];
    const total = Buffer.byteLength(`{"name": "long", "content": "${content}"}`);
    expect(lines[1]).toMatch(/^\{.*ä$/);
    expect(lines[2]).toMatch(new RegExp(`^\\[\\d+ of ${total} bytes are left out here\\]$`));
    expect(lines[3]).toMatch(/ä"\}$/);
    const shown = Buffer.byteLength(`${lines[1]}${lines[3]}`);
    expect(lines[2]).toContain(`[${total - shown} of`);
  });

  it('is told what went wrong, as a result', async () => {
    fixture.model.script(
      {
        match: { turn: 1 },
        toolUses: [
          read('nothing'),
          { name: 'notes', input: { operation: 'shred', name: '' } },
          { name: 'no_such_tool', input: {} },
        ],
      },
      { match: { turn: 2 }, answer: 'It did not work.' },
    );
    expect(await fixture.execute('Try it.')).toMatchObject({ success: true, content: 'It did not work.' });
    const [missing, invalid, unknown] = resultsOf(1);
    expect([missing, invalid, unknown].map((result) => result?.isError)).toEqual([true, true, true]);
    expect(missing?.text).toContain('There is no note nothing.');
    expect(invalid?.text).toMatch(/cannot be run as it is[^]*operation/);
    expect(unknown?.text).toContain('There is no tool "no_such_tool".');
    expect(notes.record).toEqual(['read nothing', 'read nothing done']);
  });

  it('is told of arguments that nothing could store, and goes on', async () => {
    const deep = JSON.parse('['.repeat(3_000) + ']'.repeat(3_000)) as unknown;
    fixture.model.script(
      {
        match: { turn: 1 },
        toolUses: [
          { name: 'notes', input: { operation: 'read', name: deep } },
          { name: 'notes', input: { operation: 'read', name: 'a', 'b\0': { 'c\uD800': 1 } } },
        ],
      },
      { match: { turn: 2 }, answer: 'I see.' },
    );
    const result = await fixture.execute('Go deep.');
    expect(result).toMatchObject({ success: true, content: 'I see.' });
    expect(resultsOf(1).map(({ text }) => /must not be nested deeper|b\uFFFD is no parameter/.exec(text)?.[0])).toEqual(
      ['must not be nested deeper', 'b\uFFFD is no parameter'],
    );
    expect(notes.record).toEqual([]);
    expect(result.cost_usd).toBe(fixture.model.totalChargedUsd().toNumber());
  });

  it('may be a subtask, alone or beside others', async () => {
    notes.notes.set('a', 'Note a.');
    for (const name of ['sequential_decomposition', 'parallel_execution']) {
      fixture.model.reset();
      fixture.model.script(
        { match: { turn: 1, system: 'one subtask' }, toolUses: [read('a'), read('a')] },
        { match: { turn: 2, system: 'one subtask' }, answer: 'Found note a.' },
      );
      const result = await fixture.execute('Read. [[subtasks:3]] [[parallel]]', strategy(name));
      expect(result).toMatchObject({ success: true, metadata: { agents: { total: 5, completed: 5 } } });
      const { children } = await fixture.tree(result.workflow_id);
      expect(children.map(({ tool_executions: executions }) => executions.length)).toEqual([2, 2, 2]);
      expect(children.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed']);
      const others = fixture.model.requests.filter(({ system }) => !system.includes('one subtask'));
      expect(others).toHaveLength(2);
      for (const { body } of others) expect(body).not.toHaveProperty('tools');
      expect(result.cost_usd).toBe(fixture.model.totalChargedUsd().toNumber());
    }
  });

  it('calls a tool whose name the API does not take by another, and gets its own', async () => {
    far.notes.set('a', 'From afar.');
    fixture.model.script(
      { match: { turn: 1 }, toolUses: [{ name: 'far_notes', input: { operation: 'read', name: 'a' } }] },
      { match: { turn: 2, result: 'From afar.' }, answer: 'Got it.' },
    );
    const result = await fixture.execute('Ask them.');
    expect(result).toMatchObject({ success: true, content: 'Got it.' });
    expect((await fixture.tree(result.workflow_id)).tool_executions).toMatchObject([{ tool_name: 'far.notes' }]);
  });

  it('reads what it sent before from the cache, more with every turn', async () => {
    notes.notes.set('long', 'A long line of a long note. '.repeat(300));
    notes.notes.set('longer', 'A longer line of a longer note. '.repeat(300));
    fixture.model.script(
      { toolUses: [read('long')] },
      { match: { turn: 2 }, toolUses: [read('longer')] },
      { match: { turn: 4 }, toolUses: [read('longer')] },
      { match: { turn: 5 }, answer: 'Enough.' },
    );
    const result = await fixture.execute('Read it often.');
    expect(result.success).toBe(true);
    const reads = fixture.model.charges.map(({ usage }) => usage.readTokens);
    expect(reads.slice(0, 2)).toEqual([0, 0]);
    expect(reads[2]).toBeGreaterThan(1_000);
    expect(reads[3]).toBeGreaterThan((reads[2] ?? 0) + 1_000);
    expect(reads[4]).toBeGreaterThan((reads[3] ?? 0) + 1_000);
    expect(result.cost_usd).toBe(fixture.model.totalChargedUsd().toNumber());
  });

  it('does not run calls of an answer that was cut off', async () => {
    fixture.model.script({ toolUses: [write('a', 'half')], stopReason: 'max_tokens' });
    const result = await fixture.execute('Write.');
    expect(result).toMatchObject({ success: false, metadata: { error_code: 'LLM_TRUNCATED' } });
    expect(notes.record).toEqual([]);
  });

  it('is ended by a cancel while its tool runs, and nothing is written afterwards', async () => {
    notes.meeting = 2;
    fixture.model.script({ toolUses: [write('a', 'never')] });
    const id = await fixture.accept('Write and wait.');
    await until('the tool runs', () => Promise.resolve(notes.record.length === 1));
    const [agent] = (await fixture.tree(id)).agents;
    expect(agent?.status).toBe('waiting');
    const answer = await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/cancel`);
    expect(answer.status).toBe(202);
    await until('the run has ended', async () => {
      const rows = await fixture.database.query<{ status: string }>(
        'SELECT status FROM tool_executions WHERE workflow_id = $1',
        [id],
      );
      return rows.length === 1 && rows[0]?.status !== 'running';
    });
    expect(notes.record).toEqual(['write a']);
    expect(notes.notes.size).toBe(0);
    expect(fixture.model.requests).toHaveLength(1);
    expect((await fixture.eventTypes(id)).at(-1)).toBe('workflow.cancelled');
  });
});

/** A model that writes another note in each of its turns. */
const newNotes = (turns: number) =>
  Array.from({ length: turns }, (_, index) => ({ match: { turn: index + 1 }, toolUses: [write(`n${index}`, 'x')] }));

describe('the limits of an agent', () => {
  it('are so many turns: the last one has to answer, and the workflow says so', async () => {
    fixture.model.script(...newNotes(24), { match: { turn: 25 }, answer: 'As far as I came.' });
    const result = await fixture.execute('Read for ever.');
    expect(result).toMatchObject({ success: true, content: 'As far as I came.' });
    expect(result.metadata.warnings).toEqual([
      'The agent had to answer before it was done with its tools, because it has had 25 turns.',
    ]);
    expect(fixture.model.requests).toHaveLength(25);
    const last = fixture.model.requests[24];
    expect(last?.body).toMatchObject({ tool_choice: { type: 'none' } });
    expect(last?.prompt).toContain('You cannot use tools any more because it has had 25 turns.');
    expect(fixture.model.requests[23]?.body).not.toHaveProperty('tool_choice');
    const told = await fixture.database.query<{ purpose: string }>(
      `SELECT purpose FROM llm_interactions WHERE other_templates @> '[{"name":"agent.tools.last"}]'`,
    );
    expect(told).toEqual([{ purpose: 'direct:25' }]);
  });

  it('hold for a model that asks for tools nevertheless', async () => {
    fixture.model.script(...newNotes(25));
    const result = await fixture.execute('Read for ever.');
    expect(result).toMatchObject({ success: false, metadata: { error_code: 'AGENT_LIMIT' } });
    expect(fixture.model.requests).toHaveLength(25);
    expect(notes.record).toHaveLength(2 * 24);
  });

  it('are its budget too: what does not fit is not sent, and what there is stays', async () => {
    notes.notes.set('long', 'A long line of a long note. '.repeat(2_400));
    fixture.model.script({ answer: 'First I read it.', toolUses: [read('long')] });
    const result = await fixture.execute('Read it.', { resource_limits: { max_cost_usd: 0.0095 } });
    expect(result).toMatchObject({
      success: false,
      content: 'First I read it.',
      metadata: { error_code: 'BUDGET_EXCEEDED' },
    });
    expect(fixture.model.charges).toHaveLength(1);
    expect(result.cost_usd).toBe(fixture.model.totalChargedUsd().toNumber());
    const tree = await fixture.tree(result.workflow_id);
    expect(tree.agents).toMatchObject([
      { status: 'failed', state: { result: { turns: 1, tool_calls: 1, cost_usd: result.cost_usd } } },
    ]);
    expect((await fixture.eventTypes(result.workflow_id)).slice(-3)).toEqual([
      'agent.failed',
      'budget.warning',
      'workflow.failed',
    ]);
  });
});
