import { DIMENSIONS } from '../../src/orchestrator/planning/complexity.rules.js';
import { COMPLEXITY_FORM } from '../../src/orchestrator/planning/complexity-question.rules.js';
import { fill } from '../llm/offline-asking.js';
import { type ExecuteAnswer, OrchestratorFixture } from './orchestrator-fixture.js';

const LONG = Array.from({ length: 61 }, (_, index) => `word${index}`).join(' ');

const answer = (levels: Record<string, string>): Record<string, { level: string; reason: string }> =>
  Object.fromEntries(
    DIMENSIONS.map((dimension) => [dimension, { level: levels[dimension] ?? 'low', reason: `Its ${dimension}.` }]),
  );

describe('a workflow whose complexity the rules cannot tell', () => {
  let fixture: OrchestratorFixture;

  beforeAll(async () => {
    fixture = await OrchestratorFixture.start();
  });
  afterAll(() => fixture.close());
  beforeEach(() => fixture.model.reset());

  const callsOf = async (id: string): Promise<string[]> =>
    (await fixture.tree(id)).llm_interactions.map(({ purpose }) => purpose).toSorted();

  it('is judged by one question, which the tree shows, and run by its answer', async () => {
    fixture.model.script({ match: { schema: 'cognitive' }, answer: answer({ technical: 'high', risk: 'critical' }) });
    const body = { input_type: 'user_prompt', content: { prompt: LONG }, urgency: 'high' };
    const result = (await (await fixture.send(body)).json()) as ExecuteAnswer;
    expect(result).toMatchObject({
      success: true,
      metadata: {
        strategy: 'sequential_decomposition',
        warnings: [],
        complexity: {
          cognitive: 'low',
          technical: 'high',
          risk: 'medium',
          quality: 'low',
          overall: 'medium',
          decided_by: {
            cognitive: 'model',
            technical: 'model',
            quality: 'model',
            risk: 'rule',
            time_sensitivity: 'rule',
          },
          reasons: { technical: 'Its technical.', risk: 'the urgency is high' },
        },
      },
    });
    const tree = await fixture.tree(result.workflow_id);
    expect(tree.llm_interactions.filter(({ purpose }) => purpose === 'complexity')).toMatchObject([
      { status: 'succeeded' },
    ]);
    expect(tree.agents.map(({ agent_class }) => agent_class)).toContain('decomposition_analysis');
    expect(result.cost_usd).toBe(fixture.model.totalChargedUsd().toNumber());
  });

  it('is run directly when the answer says it is easy', async () => {
    fixture.model.script({ match: { schema: 'cognitive' }, answer: answer({}) });
    const result = await fixture.execute(LONG);
    expect(result.metadata).toMatchObject({ strategy: 'direct_execution', agents: { total: 2, completed: 2 } });
    expect(await callsOf(result.workflow_id)).toEqual(['complexity', 'direct']);
  });

  it.each<[string, Parameters<OrchestratorFixture['model']['script']>[0], RegExp]>([
    [
      'no usable answer comes',
      { answer: { cognitive: 'high' } },
      /^The complexity was judged by rules alone: no usable complexity/,
    ],
    [
      'the provider refuses',
      { status: 400, errorType: 'invalid_request_error' },
      /^The complexity was judged by rules alone: /,
    ],
  ])('falls back to the rules when %s, and says so', async (_what, behaviour, warning) => {
    fixture.model.script({ match: { schema: 'cognitive' }, ...behaviour });
    const result = await fixture.execute(LONG);
    expect(result).toMatchObject({
      success: true,
      metadata: {
        strategy: 'direct_execution',
        complexity: { cognitive: 'medium', decided_by: { cognitive: 'default' } },
        warnings: [expect.stringMatching(warning)],
      },
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ['an explicit strategy', { execution_preferences: { strategy: 'direct_execution' } }],
    ['a focus on cost', { execution_preferences: { optimization_focus: 'cost' } }],
    ['a tiny budget', { resource_limits: { max_cost_usd: 0.2 } }],
  ])('is not asked about with %s', async (_what, context) => {
    const result = await fixture.execute(LONG, context);
    expect(result.metadata.strategy).toBe('direct_execution');
    expect(await callsOf(result.workflow_id)).toEqual(['direct']);
  });

  it('costs a workflow that the rules can tell of no step', async () => {
    const result = await fixture.execute('What is a pen?');
    const steps = await fixture.database.query<{ function_name: string }>(
      'SELECT function_name FROM durable.operation_outputs WHERE workflow_uuid = $1 ORDER BY function_id',
      [result.workflow_id],
    );
    expect(steps.map(({ function_name: name }) => name)).toEqual(['begin', 'direct', 'end']);
  });
});

describe('the offline answer', () => {
  const judge = (task: string): Promise<Record<string, { level: string; reason: string }>> =>
    fill(`<task>\n${task}\n</task>\n\nJudge the complexity of this task.`, COMPLEXITY_FORM.schema);

  it('goes by what can be counted in the task', async () => {
    const hard = await judge(
      'Design the architecture of a payment API with its database and its server, legal and safe for production.\n' +
        [
          '1. Compare protocols.',
          '2. Analyse the records.',
          '3. Export the tables.',
          '4. Write code.',
          '5. Test it.',
          '6. Deploy it.',
        ].join('\n'),
    );
    expect(hard).toMatchObject({
      technical: { level: 'high' },
      risk: { level: 'high' },
      scope: { level: 'high', reason: 'By rules: it names 6 steps.' },
      data: { level: 'high' },
      time_sensitivity: { level: 'low' },
    });
    expect(Object.values(await judge('Greet a friend.')).map(({ level }) => level)).toEqual(
      DIMENSIONS.map(() => 'low'),
    );
  });
});
