import fc from 'fast-check';
import {
  asksForComplexity,
  COMPLEXITY_FORM,
  LONG_OBJECTIVE_WORDS,
  mergeComplexity,
  type ComplexityAnswer,
} from '../../src/orchestrator/planning/complexity-question.rules.js';
import {
  assessComplexity,
  complexityOf,
  DIMENSIONS,
  LEVELS,
  type Complexity,
  type ComplexityInput,
  type Dimension,
  type Findings,
  type Level,
} from '../../src/orchestrator/planning/complexity.rules.js';
import { EMPTY_BRIEF } from '../../src/orchestrator/planning/inputs/workflow-brief.js';
import { INPUT_TYPES, URGENCIES } from '../../src/orchestrator/workflows/workflow.values.js';

const texts = (count: number, text = 'x'): string[] => Array.from({ length: count }, () => text);
const words = (count: number): string => texts(count, 'word').join(' ');

type Given = Partial<Omit<ComplexityInput, 'brief'>> & { readonly brief?: Partial<ComplexityInput['brief']> };

const input = (more: Given = {}): ComplexityInput => ({
  inputType: 'user_prompt',
  urgency: 'normal',
  settings: {},
  ...more,
  brief: { ...EMPTY_BRIEF, objective: words(20), ...more.brief },
});
const assess = (more: Given = {}): Complexity => assessComplexity(input(more));

const findings = (levels: Partial<Record<Dimension, Level>>): Findings =>
  Object.fromEntries(
    DIMENSIONS.map((dimension) => [dimension, { level: levels[dimension] ?? 'low', by: 'rule', reason: 'given' }]),
  ) as Findings;
const overall = (levels: Partial<Record<Dimension, Level>>): Level => complexityOf(findings(levels)).overall;

describe('the rules of complexity', () => {
  it.each<[string, Given, Partial<Record<Dimension, Level>>]>([
    ['a goal', { inputType: 'goal_workflow' }, { cognitive: 'high' }],
    ['eight words', { brief: { objective: words(8) } }, { cognitive: 'low' }],
    ['nine words', { brief: { objective: words(9) } }, { cognitive: 'medium' }],
    ['a plain question', { brief: { objective: `${words(12)}?` } }, { cognitive: 'low' }],
    ['two technical requirements', { brief: { technicalRequirements: texts(2) } }, { technical: 'low' }],
    ['three technical requirements', { brief: { technicalRequirements: texts(3) } }, { technical: 'medium' }],
    ['five technical requirements', { brief: { technicalRequirements: texts(5) } }, { technical: 'medium' }],
    ['six technical requirements', { brief: { technicalRequirements: texts(6) } }, { technical: 'high' }],
    ['one that says complex', { brief: { technicalRequirements: ['a complex join'] } }, { technical: 'high' }],
    ['two deliverables', { brief: { deliverables: texts(2) } }, { scope: 'low', coordination: 'low' }],
    ['three deliverables', { brief: { deliverables: texts(3) } }, { scope: 'medium', coordination: 'medium' }],
    ['six deliverables', { brief: { deliverables: texts(6) } }, { scope: 'high', coordination: 'high' }],
    ['basic validation', { settings: { validationLevel: 'basic' } }, { quality: 'low' }],
    ['standard validation', { settings: { validationLevel: 'standard' } }, { quality: 'medium' }],
    ['strict validation', { settings: { validationLevel: 'strict' } }, { quality: 'high' }],
    ['critical validation', { settings: { validationLevel: 'critical' } }, { quality: 'high' }],
    ['high urgency', { urgency: 'high' }, { time_sensitivity: 'medium', risk: 'medium' }],
    ['critical urgency', { urgency: 'critical' }, { time_sensitivity: 'high', risk: 'high' }],
  ])('%s', (_what, given, expected) => {
    const complexity = assess(given);
    expect(complexity).toMatchObject(expected);
    const undecided = Object.keys(expected).filter((key) => complexity.decided_by[key as Dimension] !== 'rule');
    expect(undecided).toEqual(expected.cognitive === 'medium' ? ['cognitive'] : []);
  });

  it.each<[Level, Partial<Record<Dimension, Level>>]>([
    ['low', {}],
    ['low', { cognitive: 'medium', technical: 'medium', data: 'medium' }],
    ['medium', { cognitive: 'medium', technical: 'medium', data: 'medium', scope: 'medium' }],
    ['medium', { risk: 'high' }],
    ['high', { risk: 'high', data: 'high' }],
    ['high', { risk: 'high', data: 'high', scope: 'high' }],
    ['critical', { risk: 'high', data: 'high', scope: 'high', technical: 'high' }],
    ['critical', { data: 'critical' }],
    ['low', { time_sensitivity: 'critical', quality: 'critical' }],
  ])('overall %s', (expected, levels) => {
    expect(overall(levels)).toBe(expected);
  });

  it('needs decomposition exactly when overall, scope or coordination is high', () => {
    fc.assert(
      fc.property(fc.tuple(...DIMENSIONS.map(() => fc.constantFrom(...LEVELS))), (levels) => {
        const given = Object.fromEntries(DIMENSIONS.map((dimension, index) => [dimension, levels[index]]));
        const complexity = complexityOf(findings(given));
        const isHigh = [complexity.overall, complexity.scope, complexity.coordination].some(
          (level) => level === 'high' || level === 'critical',
        );
        expect(complexity.decomposition_needed).toBe(isHigh);
      }),
    );
  });

  it('never falls when a dimension rises', () => {
    fc.assert(
      fc.property(
        fc.tuple(...DIMENSIONS.map(() => fc.nat({ max: 3 }))),
        fc.constantFrom(...DIMENSIONS.keys()),
        (ranks, risen) => {
          const levelsOf = (all: readonly number[]): Partial<Record<Dimension, Level>> =>
            Object.fromEntries(DIMENSIONS.map((dimension, index) => [dimension, LEVELS[all[index] ?? 0]]));
          const more = ranks.map((rank, index) => (index === risen ? Math.min(3, rank + 1) : rank));
          expect(LEVELS.indexOf(overall(levelsOf(more)))).toBeGreaterThanOrEqual(
            LEVELS.indexOf(overall(levelsOf(ranks))),
          );
        },
      ),
    );
  });
});

describe('the question for a model', () => {
  const asks = (more: Given = {}, settings = {}, maxCostUsd?: string) => {
    const { inputType, brief } = input({
      ...more,
      brief: { objective: words(LONG_OBJECTIVE_WORDS + 1), ...more.brief },
    });
    return asksForComplexity({
      inputType,
      brief,
      settings: { optimizationFocus: 'balanced', ...settings },
      origin: 'user',
      maxCostUsd,
    });
  };

  it('is asked when a long objective leaves nothing to count', () => {
    expect(asks()).toBe(true);
    expect(asks({}, {}, '0.25')).toBe(true);
    expect(asks({}, { optimizationFocus: 'quality' })).toBe(true);
  });

  it.each<[string, boolean]>([
    ['a shorter objective', asks({ brief: { objective: words(LONG_OBJECTIVE_WORDS) } })],
    ['deliverables', asks({ brief: { deliverables: ['a report'] } })],
    ['technical requirements', asks({ brief: { technicalRequirements: ['fast'] } })],
    ['a goal', asks({ inputType: 'goal_workflow' })],
    ['an explicit strategy', asks({}, { strategy: 'sequential_decomposition' })],
    ['a focus on cost', asks({}, { optimizationFocus: 'cost' })],
    ['a focus on speed', asks({}, { optimizationFocus: 'speed' })],
    ['a tiny budget', asks({}, {}, '0.2499999999')],
  ])('is not asked with %s', (_what, asked) => {
    expect(asked).toBe(false);
  });

  it('has a schema that wants a level with a reason for each of the eight dimensions', () => {
    expect(COMPLEXITY_FORM.schema).toMatchObject({ required: [...DIMENSIONS], additionalProperties: false });
  });

  it('lets the model decide what rules did not, and only that', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...INPUT_TYPES),
        fc.constantFrom(...URGENCIES),
        fc.nat({ max: 7 }),
        fc.tuple(...DIMENSIONS.map(() => fc.constantFrom(...LEVELS))),
        (inputType, urgency, count, levels) => {
          const rules = assess({ inputType, urgency, brief: { objective: words(100), deliverables: texts(count) } });
          const answer = Object.fromEntries(
            DIMENSIONS.map((dimension, index) => [dimension, { level: levels[index], reason: 'so' }]),
          ) as ComplexityAnswer;
          const merged = mergeComplexity(rules, answer);
          for (const dimension of DIMENSIONS) {
            const byRule = rules.decided_by[dimension] === 'rule';
            expect(merged[dimension]).toBe(byRule ? rules[dimension] : answer[dimension].level);
            expect(merged.decided_by[dimension]).toBe(byRule ? 'rule' : 'model');
          }
        },
      ),
    );
  });
});
