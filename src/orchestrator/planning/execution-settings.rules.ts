import type { StrategyName } from '../workflows/workflow.values.js';
import { STRATEGIES } from '../workflows/workflow.values.js';
import {
  choiceAt,
  costAt,
  flagAt,
  integerAt,
  numberAt,
  objectAt,
  textAt,
  textsAt,
  type InputErrors,
  type Json,
} from './input-fields.rules.js';
import { CACHING_STRATEGIES, type CachingStrategy } from './reuse.rules.js';

export const VALIDATION_LEVELS = ['basic', 'standard', 'strict', 'critical'] as const;
export type ValidationLevel = (typeof VALIDATION_LEVELS)[number];

const FOCUSES = ['speed', 'cost', 'quality', 'balanced'] as const;
const PARALLELIZATIONS = ['conservative', 'balanced', 'aggressive'] as const;
const TOLERANCES = ['low', 'medium', 'high'] as const;

/** The limits and settings of `execution_context`, each with its default. JSON: a run keeps it in its checkpoint. */
export interface ExecutionSettings {
  /** At once, in the whole workflow. */
  readonly maxConcurrentAgents: number;
  readonly maxSubtasks: number;
  /** Undefined: the deployment's default. */
  readonly maxCostUsd?: string;
  /** From the start of the run; time in which it was paused or waited for a person does not count. */
  readonly maxExecutionTimeMinutes: number;
  /** Levels of thoughts below the root. */
  readonly maxRecursionDepth?: number;
  /** Undefined: none was asked for. */
  readonly validationLevel?: ValidationLevel;
  readonly requireHumanReview: boolean;
  readonly requireCouncilConsensus: boolean;
  readonly enableSelfValidation: boolean;
  readonly strategy?: StrategyName;
  readonly parallelization: (typeof PARALLELIZATIONS)[number];
  readonly failureTolerance: (typeof TOLERANCES)[number];
  readonly optimizationFocus: (typeof FOCUSES)[number];
  readonly cachingStrategy: CachingStrategy;
  readonly model?: string;
  /** Names; undefined: those that only read or write the workspace. */
  readonly tools?: readonly string[];
}

const rank = (level: ValidationLevel): number => VALIDATION_LEVELS.indexOf(level);

export const reaches = (level: ValidationLevel | undefined, least: ValidationLevel): boolean =>
  level !== undefined && rank(level) >= rank(least);

const CONTEXT = 'execution_context';

/** Reads the known members of `execution_context` and leaves the others alone. */
export function readSettings(context: Json, errors: InputErrors): ExecutionSettings {
  return { ...readLimits(context, errors), ...readQuality(context, errors), ...readPreferences(context, errors) };
}

function readLimits(context: Json, errors: InputErrors) {
  const limits = objectAt(context, 'resource_limits', CONTEXT, errors) ?? {};
  const path = `${CONTEXT}.resource_limits`;
  return {
    maxConcurrentAgents: integerAt(limits, 'max_concurrent_agents', 1, 500, path, errors) ?? 20,
    maxSubtasks: integerAt(limits, 'max_subtasks', 1, 500, path, errors) ?? 8,
    maxCostUsd: costAt(limits, 'max_cost_usd', path, errors),
    maxExecutionTimeMinutes:
      numberAt(limits, 'max_execution_time_minutes', { above: 0, most: 43_200 }, path, errors) ?? 120,
    maxRecursionDepth: integerAt(limits, 'max_recursion_depth', 1, 50, path, errors),
  };
}

function readQuality(context: Json, errors: InputErrors) {
  const quality = objectAt(context, 'quality_settings', CONTEXT, errors) ?? {};
  const path = `${CONTEXT}.quality_settings`;
  const flag = (key: string): boolean => flagAt(quality, key, path, errors) ?? false;
  return {
    validationLevel: choiceAt(quality, 'validation_level', VALIDATION_LEVELS, path, errors),
    requireHumanReview: flag('require_human_review'),
    requireCouncilConsensus: flag('require_council_consensus'),
    enableSelfValidation: flag('enable_self_validation'),
  };
}

function readPreferences(context: Json, errors: InputErrors) {
  const preferences = objectAt(context, 'execution_preferences', CONTEXT, errors) ?? {};
  const path = `${CONTEXT}.execution_preferences`;
  return {
    strategy: choiceAt(preferences, 'strategy', STRATEGIES, path, errors),
    parallelization: choiceAt(preferences, 'parallelization', PARALLELIZATIONS, path, errors) ?? 'balanced',
    failureTolerance: choiceAt(preferences, 'failure_tolerance', TOLERANCES, path, errors) ?? 'medium',
    optimizationFocus: choiceAt(preferences, 'optimization_focus', FOCUSES, path, errors) ?? 'balanced',
    cachingStrategy: choiceAt(preferences, 'caching_strategy', CACHING_STRATEGIES, path, errors) ?? 'conservative',
    model: textAt(preferences, 'model', path, errors, { required: false }),
    // Each once: they are kept in checkpoints.
    tools: preferences.tools === undefined ? undefined : [...new Set(textsAt(preferences, 'tools', path, errors))],
  };
}
