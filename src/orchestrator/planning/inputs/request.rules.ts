import { Decimal } from 'decimal.js';
import type { InputType } from '../../workflows/workflow.values.js';
import { readSettings, VALIDATION_LEVELS, type ExecutionSettings } from '../execution-settings.rules.js';
import type { InputErrors, Json } from '../input-fields.rules.js';
import { readBrief } from '../workflow-input.rules.js';
import { isJson } from './content-parts.rules.js';
import type { Inheritance } from './inheritance.js';
import { continued } from './inheritance.rules.js';
import type { AskedSettings, WorkflowBrief } from './workflow-brief.js';

/** A request as it came, or as its row has it. */
export interface ReadableRequest {
  readonly input_type: InputType;
  readonly content: Json;
  readonly execution_context?: Json;
  /** What a continuation was given of its parent when it was accepted. */
  readonly inheritance?: Inheritance | null;
}

/** What a workflow is to do and the settings it runs with; what is wrong is added to `errors`. */
export function readRequest(
  { input_type: inputType, content, execution_context: context = {}, inheritance }: ReadableRequest,
  errors: InputErrors,
): { brief: WorkflowBrief; settings: ExecutionSettings } {
  const brief = continued(readBrief(inputType, content, errors), inheritance);
  const limits = context.resource_limits;
  const hasTimeLimit = isJson(limits) && limits.max_execution_time_minutes !== undefined;
  return { brief, settings: withAsked(readSettings(context, errors), brief.asked, hasTimeLimit) };
}

/**
 * Settings with what the content asks for: of a limit or level that both give, the stricter one holds (the lower cost and time, the
 * higher validation level, a review if either wants one). A default is not given: against it the content's own limit holds.
 */
function withAsked(settings: ExecutionSettings, asked: AskedSettings, hasTimeLimit: boolean): ExecutionSettings {
  const { maxExecutionTimeMinutes } = settings;
  return {
    ...settings,
    maxCostUsd: lowerCost(settings.maxCostUsd, asked.maxCostUsd),
    maxExecutionTimeMinutes: hasTimeLimit
      ? Math.min(maxExecutionTimeMinutes, asked.maxExecutionTimeMinutes ?? Infinity)
      : (asked.maxExecutionTimeMinutes ?? maxExecutionTimeMinutes),
    validationLevel: VALIDATION_LEVELS.findLast(
      (level) => level === settings.validationLevel || level === asked.validationLevel,
    ),
    requireHumanReview: settings.requireHumanReview || asked.requireHumanReview === true,
  };
}

function lowerCost(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return new Decimal(one).lt(other) ? one : other;
}
