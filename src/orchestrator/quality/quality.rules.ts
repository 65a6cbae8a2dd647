import { readQualityRequest, readSuccessCriteria } from '../agents/validator/quality-request.rules.js';
import { complaints, type Verdict } from '../agents/validator/verdict.rules.js';
import { reaches, type ExecutionSettings, type ValidationLevel } from '../planning/execution-settings.rules.js';
import { InputErrors, type Json } from '../planning/input-fields.rules.js';
import type { StrategyOutcome, WorkflowRun } from '../run/workflow-run.js';
import type { StrategyName } from '../workflows/workflow.values.js';
import type { QualityRecord } from './quality-record.js';

/** A verdict, or why there is none. */
export interface Judgement {
  readonly verdict: Verdict;
  /** The validator gave no answer that could be used. */
  readonly missing?: { readonly code: string; readonly message: string };
  /** A rule of the request that blocks is broken. */
  readonly isRefused: boolean;
}

/** Complaints that an error names. */
const MOST_NAMED = 5;

/** What a council has decided on is checked by a validator in any case. */
export const isAlwaysReviewed = (strategy: StrategyName): boolean => strategy === 'council_driven';

/** Decided once, at the start: a run that is asked nothing reads nothing at its end. */
export function isReviewAsked(
  strategy: StrategyName,
  { validationLevel, enableSelfValidation }: ExecutionSettings,
  successCriteria: readonly string[],
  executionContext: Json,
): boolean {
  const errors = new InputErrors();
  const { customRules, outputFields } = readQualityRequest(executionContext, errors);
  return (
    isAlwaysReviewed(strategy) ||
    validationLevel !== undefined ||
    enableSelfValidation ||
    customRules.length > 0 ||
    Object.keys(outputFields).length > 0 ||
    readSuccessCriteria(successCriteria, errors).length > 0
  );
}

export function reviewLevel({ strategy, settings }: WorkflowRun): ValidationLevel | undefined {
  const { validationLevel } = settings;
  return isAlwaysReviewed(strategy) && !reaches(validationLevel, 'standard') ? 'standard' : validationLevel;
}

export const isBetter = (later: Judgement, earlier: Judgement): boolean =>
  later.missing === undefined &&
  (earlier.missing !== undefined ||
    (later.verdict.passed && !earlier.verdict.passed) ||
    (later.verdict.passed === earlier.verdict.passed && later.verdict.score > earlier.verdict.score));

/** What the verdict makes of the outcome: from strict up, or by a blocking rule of the request, a failure; else a warning. */
export function concluded(
  outcome: StrategyOutcome,
  { verdict, missing, isRefused }: Judgement,
  level: ValidationLevel | undefined,
  revised: boolean,
): StrategyOutcome {
  const { passed, score, findings, confidence, criteria } = verdict;
  const quality: QualityRecord = {
    validation: { level: level ?? null, passed, score, findings, confidence, revised },
    criteria: criteria.length === 0 ? null : criteria,
  };
  if (outcome.failure !== undefined || (passed && missing === undefined)) return { ...outcome, quality };
  const message =
    missing === undefined
      ? `The result did not pass its validation: ${complaints(verdict).slice(0, MOST_NAMED).join(' ')}`.trim()
      : `The result could not be validated: ${missing.message}`;
  return reaches(level, 'strict') || isRefused
    ? { ...outcome, quality, failure: { code: missing?.code ?? 'VALIDATION_FAILED', message } }
    : { ...outcome, quality, warnings: [...outcome.warnings, message] };
}
