import { ModelRefresh } from '../../src/llm/model-refresh.service.js';
import { modelFor, modelsFor } from '../../src/orchestrator/planning/model-choice.rules.js';
import { TASK_KINDS } from '../../src/orchestrator/planning/plan.rules.js';
import { OrchestratorFixture } from './orchestrator-fixture.js';

const HAIKU = 'claude-haiku-5-5';
const SONNET = 'claude-sonnet-5-5';
const OPUS = 'claude-opus-5-5';

describe('the model for a task', () => {
  it.each(TASK_KINDS)('%s: the default one where nothing is to be optimised, the fast one where cost is', (kind) => {
    expect([modelFor(kind, 'balanced'), modelFor(kind), modelFor(kind, 'cost')]).toEqual([
      undefined,
      undefined,
      'fast',
    ]);
  });

  it.each([
    ['speed', 'balanced', ['decomposition_analysis', 'synthesis', 'task_decomposition'], 'fast'],
    [
      'quality',
      'best',
      [
        'code_synthesis',
        'data_analysis',
        'decomposition_analysis',
        'synthesis',
        'task_decomposition',
        'technical_writing',
      ],
      'balanced',
    ],
  ] as const)('%s: %s for %j, else %s', (focus, stronger, tasks, other) => {
    const all = [...TASK_KINDS, 'synthesis'];
    expect(all.filter((task) => modelFor(task, focus) === stronger).toSorted()).toEqual(tasks);
    expect(all.filter((task) => modelFor(task, focus) === other)).toHaveLength(all.length - tasks.length);
    expect([...modelsFor(focus)].sort()).toEqual([stronger, other].sort());
  });
});

describe('a workflow', () => {
  let fixture: OrchestratorFixture;

  beforeAll(async () => {
    fixture = await OrchestratorFixture.start();
  });
  afterAll(() => fixture.close());
  beforeEach(() => fixture.model.reset());

  const run = async (preferences: Record<string, unknown>) => {
    const subtask = { instructions: 'Do it.', dependencies: [] };
    const plan = {
      subtasks: [
        { ...subtask, id: 'a', title: 'Code', kind: 'code_synthesis' },
        { ...subtask, id: 'b', title: 'Text', kind: 'content_generation' },
      ],
    };
    fixture.model.script({ match: { schema: 'subtasks' }, answer: plan });
    const execution_preferences = { strategy: 'sequential_decomposition', ...preferences };
    const result = await fixture.execute('Write and describe it.', { execution_preferences });
    expect(result.success).toBe(true);
    expect(result.cost_usd).toBe(fixture.model.totalChargedUsd().toNumber());
    return { result, models: fixture.model.requests.map(({ model }) => model) };
  };

  it.each([
    [{}, [HAIKU, HAIKU, HAIKU, HAIKU]],
    [{ optimization_focus: 'balanced' }, [HAIKU, HAIKU, HAIKU, HAIKU]],
    [{ optimization_focus: 'cost' }, [HAIKU, HAIKU, HAIKU, HAIKU]],
    [{ optimization_focus: 'speed' }, [SONNET, HAIKU, HAIKU, SONNET]],
    [{ optimization_focus: 'quality' }, [OPUS, OPUS, SONNET, OPUS]],
    [{ optimization_focus: 'quality', model: 'fast' }, [HAIKU, HAIKU, HAIKU, HAIKU]],
    [{ model: 'best' }, [OPUS, OPUS, OPUS, OPUS]],
  ])('with %j plans, does two subtasks and synthesises by %j', async (preferences, expected) => {
    const { result, models } = await run(preferences);
    expect(models).toEqual(expected);
    expect(result.metadata.warnings).toEqual([]);
  });

  it('asks for no longer answers than the provider says its model gives', async () => {
    const limited = { id: HAIKU, max_tokens: 8_000, max_input_tokens: 1_000_000 };
    fixture.model.listModels({ models: [limited] });
    await fixture.nyx.app.get(ModelRefresh, { strict: false }).refresh();
    await run({ optimization_focus: 'speed' });
    const asked = fixture.model.requests.map(({ body }) => (body as { max_tokens: number }).max_tokens);
    expect(asked).toEqual([16_384, 8_000, 8_000, 16_384]);
  });

  describe('whose models are old', () => {
    beforeEach(async () => {
      const old = { id: 'claude-opus-5', lifecycle: 'retired', line: 'opus' };
      const ageing = { id: SONNET, lifecycle: 'deprecated', retires_at: '2027-05-01T00:00:00Z' };
      fixture.model.listModels({ models: [old, ageing] });
      await fixture.nyx.app.get(ModelRefresh, { strict: false }).refresh();
    });

    it.each([
      [{ model: 'claude-opus-5' }, OPUS, 'claude-opus-5 is retired'],
      [{ model: 'balanced' }, SONNET, '2027-05-01'],
      [{ optimization_focus: 'speed' }, SONNET, '2027-05-01'],
    ])('with %j asks %s and says in its warnings: %s', async (preferences, model, warning) => {
      const { result, models } = await run(preferences);
      expect(models).toContain(model);
      expect(result.metadata.warnings).toEqual([expect.stringContaining(warning)]);
    });
  });
});
