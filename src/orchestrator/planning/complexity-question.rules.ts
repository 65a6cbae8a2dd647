import { Decimal } from 'decimal.js';
import { cutTo } from '../../database/cut.rules.js';
import type { WorkflowOrigin } from '../workflows/workflow.values.js';
import type { AnswerForm } from './answer-form.js';
import {
  complexityOf,
  DIMENSIONS,
  isPlainQuestion,
  LEVELS,
  wordCount,
  type Complexity,
  type ComplexityInput,
  type Dimension,
  type Findings,
  type Level,
} from './complexity.rules.js';
import type { ExecutionSettings } from './execution-settings.rules.js';

/** A text that is longer may ask for anything; of a shorter one without lists the rules assume that it is one agent's work. */
export const LONG_OBJECTIVE_WORDS = 60;
/** Under this a question would take a good part of the budget: its worst case alone is some cents. */
const TINY_BUDGET_USD = 0.25;
const MAX_REASON_LENGTH = 300;

/** A model's judgement. */
export type ComplexityAnswer = Readonly<Record<Dimension, { readonly level: Level; readonly reason: string }>>;

const judgement = {
  type: 'object',
  additionalProperties: false,
  required: ['level', 'reason'],
  properties: { level: { type: 'string', enum: [...LEVELS] }, reason: { type: 'string' } },
} as const;

export const COMPLEXITY_FORM: AnswerForm = {
  name: 'complexity',
  unusableCode: 'COMPLEXITY_UNUSABLE',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: [...DIMENSIONS],
    properties: Object.fromEntries(DIMENSIONS.map((dimension) => [dimension, judgement])),
  },
};

interface Asking extends Omit<ComplexityInput, 'settings' | 'urgency'> {
  readonly settings: Pick<ExecutionSettings, 'strategy' | 'optimizationFocus'>;
  readonly origin: WorkflowOrigin;
  /** Of the whole workflow; undefined: no limit. */
  readonly maxCostUsd: string | undefined;
}

/**
 * Whether the rules can't tell and a model is worth asking. They can't for an objective of more than 60 words that is neither a goal nor a plain question and
 * names neither deliverables nor technical requirements: nothing in it can be counted. Nobody is asked where the answer would not
 * matter (an explicit strategy) or costs what was to be saved (focus on cost or speed, a budget under 0.25 USD, work nobody asked for).
 */
export function asksForComplexity({ inputType, brief, settings, origin, maxCostUsd }: Asking): boolean {
  const canTell =
    inputType === 'goal_workflow' ||
    brief.deliverables.length > 0 ||
    brief.technicalRequirements.length > 0 ||
    wordCount(brief.objective) <= LONG_OBJECTIVE_WORDS ||
    isPlainQuestion(brief.objective);
  const isSaving = settings.optimizationFocus === 'cost' || settings.optimizationFocus === 'speed';
  const isTiny = maxCostUsd !== undefined && new Decimal(maxCostUsd).lt(TINY_BUDGET_USD);
  return !canTell && settings.strategy === undefined && !isSaving && !isTiny && origin !== 'motivation';
}

/** What of an answer is kept. */
export const keptOf = (answer: ComplexityAnswer): ComplexityAnswer =>
  overDimensions((dimension) => {
    const { level, reason } = answer[dimension];
    return { level, reason: cutTo(reason, MAX_REASON_LENGTH) };
  });

/** What the rules decided stands; of what they only assumed the model's judgement counts. */
export function mergeComplexity(byRules: Complexity, answer: ComplexityAnswer): Complexity {
  const findings: Findings = overDimensions((dimension) =>
    byRules.decided_by[dimension] === 'rule'
      ? { level: byRules[dimension], by: 'rule', reason: byRules.reasons[dimension] }
      : { ...answer[dimension], by: 'model' },
  );
  return complexityOf(findings);
}

const overDimensions = <Value>(valueOf: (dimension: Dimension) => Value): Record<Dimension, Value> => ({
  cognitive: valueOf('cognitive'),
  technical: valueOf('technical'),
  coordination: valueOf('coordination'),
  data: valueOf('data'),
  time_sensitivity: valueOf('time_sensitivity'),
  quality: valueOf('quality'),
  scope: valueOf('scope'),
  risk: valueOf('risk'),
});
