import { ToolRegistry } from '../../src/tools/tool-registry.js';
import { OrchestratorFixture, strategy, uncached } from '../orchestrator/orchestrator-fixture.js';
import { NotesTool } from '../orchestrator/tool-shelf.js';
import { until } from '../support/until.js';
import { checkTree, pathOf, startCollector, type ArrivedSpan, type Collector } from './collector.js';

const CALLER = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const EXECUTE = 'POST /api/v1/orchestrator/workflows/execute';

describe('the trace of a workflow', () => {
  let collector: Collector;
  let fixture: OrchestratorFixture;

  beforeAll(async () => {
    collector = await startCollector();
    fixture = await OrchestratorFixture.start({ otelEndpoint: collector.url });
    fixture.nyx.app.get(ToolRegistry).register(new NotesTool());
  });
  afterAll(async () => {
    await fixture.close();
    await collector.close();
  });
  beforeEach(() => {
    fixture.model.reset();
    collector.spans.length = 0;
    collector.bodies.length = 0;
  });

  const execute = async (prompt: string, context: object, traceparent?: string): Promise<string> => {
    const body = { input_type: 'user_prompt', content: { prompt }, execution_context: context };
    const answer = await fixture.send(body, traceparent === undefined ? {} : { traceparent });
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { workflow_id: string }).workflow_id;
  };
  const named = (name: string): ArrivedSpan[] => collector.spans.filter((span) => span.name === name);
  const one = (name: string): ArrivedSpan => {
    const [span, ...more] = named(name);
    if (span === undefined || more.length > 0)
      throw new Error(`${name} is there ${more.length + (span ? 1 : 0)} times.`);
    return span;
  };
  const arrived = (name: string): Promise<void> => until(`${name} arrives`, () => named(name).length > 0);

  it('goes from the request of the caller to each call of a model and of a tool', async () => {
    const use = { name: 'notes', input: { operation: 'write', name: 'milk', content: 'A secret of the note.' } };
    fixture.model.script(
      { match: { turn: 1 }, toolUses: [use] },
      { match: { turn: 2 }, answer: 'The secret answer is noted.' },
    );
    const traceparent = `00-${CALLER.traceId}-${CALLER.spanId}-01`;
    const id = await execute('Note a secret prompt.', strategy('direct_execution'), traceparent);
    await arrived(EXECUTE);
    const spans = collector.spans.filter(({ traceId }) => traceId === CALLER.traceId);
    checkTree(spans, [CALLER.spanId]);
    expect(spans.map(({ name }) => name).sort()).toEqual(
      [
        EXECUTE,
        'workflow user_prompt',
        'invoke_agent task',
        'chat claude-haiku-5-5',
        'chat claude-haiku-5-5',
        'execute_tool notes',
      ].sort(),
    );
    const above = ['invoke_agent task', 'workflow user_prompt', EXECUTE];
    expect(pathOf(one('execute_tool notes'), spans)).toEqual(['execute_tool notes', ...above]);
    for (const call of named('chat claude-haiku-5-5')) {
      expect(pathOf(call, spans)).toEqual(['chat claude-haiku-5-5', ...above]);
    }
    expect(one(EXECUTE)).toMatchObject({ parentSpanId: CALLER.spanId, kind: 2 });
    expect(one(EXECUTE).attributes).toMatchObject({ 'http.response.status_code': 200 });
    const workflow = { 'nyx.workflow.id': id, 'nyx.workflow.status': 'completed' };
    expect(one('workflow user_prompt').attributes).toMatchObject(workflow);
    expect(one('execute_tool notes').attributes).toMatchObject({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'notes',
      'nyx.tool.outcome': 'succeeded',
    });
    expect(collector.services).toContain('nyx');
    for (const text of ['secret', 'a-key-of-the-test']) expect(collector.bodies.join()).not.toContain(text);
  });

  it('has the attributes of the conventions for generative AI, with what the row says', async () => {
    const id = await execute('Say a word.', strategy('direct_execution'));
    await arrived('workflow user_prompt');
    await arrived(EXECUTE);
    const [row] = await fixture.database.query<Record<string, string | number>>(
      `SELECT i.id, i.model, i.token_count_input AS input, i.token_count_output AS output, i.cost_usd AS usd, i.stop_reason, w.traceparent
         FROM llm_interactions i JOIN workflows w ON w.id = i.workflow_id WHERE w.id = $1`,
      [id],
    );
    expect(one('chat claude-haiku-5-5')).toMatchObject({ kind: 3, isError: false });
    expect(one('chat claude-haiku-5-5').attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.system': 'anthropic',
      'gen_ai.request.model': row?.model,
      'gen_ai.response.finish_reasons': [row?.stop_reason],
      'gen_ai.usage.input_tokens': row?.input,
      'gen_ai.usage.output_tokens': row?.output,
      'nyx.cost_usd': Number(row?.usd),
      'nyx.interaction.id': row?.id,
    });
    expect(String(row?.traceparent)).toBe(`00-${one(EXECUTE).traceId}-${one(EXECUTE).spanId}-01`);
  });

  it('says what failed, also of a workflow that is run again, whose second run has spans of its own', async () => {
    const refused = { status: 400, errorType: 'invalid_request_error', errorMessage: 'No.' };
    fixture.model.script({ match: { prompt: 'Fail once.' }, times: 1, ...refused });
    const id = await execute('Fail once.', strategy('direct_execution'));
    await arrived('workflow user_prompt');
    expect(one('workflow user_prompt').isError).toBe(true);
    expect(one('chat claude-haiku-5-5')).toMatchObject({ isError: true });
    expect(one('chat claude-haiku-5-5').attributes).toMatchObject({ 'error.type': 'LLM_UPSTREAM' });
    await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/retry`);
    expect(await fixture.ended(id)).toMatchObject({ success: true });
    await until('the second run arrives', () => named('workflow user_prompt').length === 2);
    const { traceId } = one(EXECUTE);
    const spans = collector.spans.filter((span) => span.traceId === traceId);
    checkTree(spans);
    expect(spans).toHaveLength(7);
  });

  it('is there for branches, for what ends by a cancel, and for a call of a person', async () => {
    fixture.model.script({ match: { prompt: '<subtask>\nPart 2' }, hold: 'for ever' });
    const body = {
      input_type: 'user_prompt',
      content: { prompt: '[[subtasks:2]]' },
      execution_context: uncached('parallel_execution'),
    };
    const answer = await fixture.send(body, { prefer: 'respond-async' });
    const { workflow_id: id } = (await answer.json()) as { workflow_id: string };
    const isAsked = (): boolean => fixture.model.requests.some(({ prompt }) => prompt.includes('<subtask>\nPart 2'));
    await until('the second part is asked for', isAsked, 40_000);
    await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/cancel`);
    await arrived('workflow user_prompt');
    await until('the call that was cut arrives', () =>
      collector.spans.some(({ attributes }) => attributes['error.type'] === 'ABORTED'),
    );
    const { traceId } = one(EXECUTE);
    checkTree(collector.spans.filter((span) => span.traceId === traceId));
    collector.spans.length = 0;
    await fixture.nyx.request('operator', 'POST', '/api/v1/llm/generate', { user_prompt: 'Say a word.' });
    await arrived('POST /api/v1/llm/generate');
    await arrived('chat claude-haiku-5-5');
    expect(pathOf(one('chat claude-haiku-5-5'), collector.spans)).toHaveLength(2);
  });

  it('is not recorded where the caller does not want it, and is a trace of its own where nobody asked', async () => {
    const id = await execute('Say a word.', {}, `00-${CALLER.traceId}-${CALLER.spanId}-00`);
    const own = await fixture.acceptAutonomous('Say another word.', strategy('direct_execution'));
    await fixture.ended(own);
    await arrived('workflow user_prompt');
    const { attributes, parentSpanId } = one('workflow user_prompt');
    expect(attributes['nyx.workflow.id']).toBe(own);
    expect(parentSpanId).toBeUndefined();
    expect(collector.spans.filter(({ traceId }) => traceId === CALLER.traceId)).toEqual([]);
    expect(id).not.toBe(own);
  });

  it('harms nothing when the collector fails', async () => {
    collector.status = 400;
    for (let run = 0; run < 3; run += 1) await execute('Say a word.', strategy('direct_execution'));
    collector.status = 200;
    await execute('Say a word.', strategy('direct_execution'));
    await arrived('workflow user_prompt');
  });
});
