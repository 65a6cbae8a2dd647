import { Decimal } from 'decimal.js';
import type { FieldError } from '../../http/problem.js';
import { CACHING_STRATEGIES, type CachingStrategy } from './reuse.rules.js';
import { STRATEGIES, type InputType, type StrategyName } from '../workflows/workflow.values.js';

type Json = Readonly<Record<string, unknown>>;

/** Longest prompt, in characters. */
const MAX_PROMPT_LENGTH = 200_000;

const VALIDATION_LEVELS = ['basic', 'standard', 'strict', 'critical'] as const;
const FOCUSES = ['speed', 'cost', 'quality', 'balanced'] as const;

/** What a workflow is to do, the same for every input type. */
export interface WorkflowBrief {
  readonly objective: string;
  readonly constraints: readonly string[];
  readonly deliverables: readonly string[];
  readonly technicalRequirements: readonly string[];
}

/** The limits and settings of `execution_context` that this release acts upon. */
export interface ExecutionSettings {
  readonly maxConcurrentAgents: number;
  readonly maxSubtasks: number;
  /** Undefined: the deployment's default. */
  readonly maxCostUsd: string | undefined;
  readonly validationLevel: (typeof VALIDATION_LEVELS)[number] | undefined;
  readonly strategy: StrategyName | undefined;
  readonly optimizationFocus: (typeof FOCUSES)[number];
  readonly cachingStrategy: CachingStrategy;
  readonly model: string | undefined;
  /** Names; undefined: those that only read or write the workspace. */
  readonly tools: readonly string[] | undefined;
}

export class InputErrors {
  readonly list: FieldError[] = [];

  add(field: string, message: string): void {
    this.list.push({ field, message });
  }
}

/** Reads the content of an input type; what is missing or of the wrong kind is added to `errors`. */
export function readBrief(inputType: InputType, content: Json, errors: InputErrors): WorkflowBrief {
  const task = inputType === 'structured_task' ? objectAt(content, 'task_definition', 'content', errors) : undefined;
  const objective =
    task === undefined
      ? promptOf(content, inputType, errors)
      : textAt(task, 'primary_objective', 'content.task_definition', errors);
  const places: readonly [Json, string][] =
    task === undefined
      ? [[content, 'content']]
      : [
          [task, 'content.task_definition'],
          [content, 'content'],
        ];
  const texts = (key: string): string[] => places.flatMap(([place, path]) => textsAt(place, key, path, errors));
  return {
    objective: objective ?? '',
    constraints: texts('constraints'),
    deliverables: texts('deliverables'),
    technicalRequirements: texts('technical_requirements'),
  };
}

/** Reads the known members of `execution_context` and leaves the others alone. Defaults are those of domain.md. */
export function readSettings(context: Json, errors: InputErrors): ExecutionSettings {
  const limits = objectAt(context, 'resource_limits', 'execution_context', errors) ?? {};
  const quality = objectAt(context, 'quality_settings', 'execution_context', errors) ?? {};
  const preferences = objectAt(context, 'execution_preferences', 'execution_context', errors) ?? {};
  const limitsPath = 'execution_context.resource_limits';
  const preferencesPath = 'execution_context.execution_preferences';
  return {
    maxConcurrentAgents: integerAt(limits, 'max_concurrent_agents', 1, 500, limitsPath, errors) ?? 20,
    maxSubtasks: integerAt(limits, 'max_subtasks', 1, 500, limitsPath, errors) ?? 8,
    maxCostUsd: costAt(limits, 'max_cost_usd', limitsPath, errors),
    validationLevel: choiceAt(
      quality,
      'validation_level',
      VALIDATION_LEVELS,
      'execution_context.quality_settings',
      errors,
    ),
    strategy: choiceAt(preferences, 'strategy', STRATEGIES, preferencesPath, errors),
    optimizationFocus: choiceAt(preferences, 'optimization_focus', FOCUSES, preferencesPath, errors) ?? 'balanced',
    cachingStrategy:
      choiceAt(preferences, 'caching_strategy', CACHING_STRATEGIES, preferencesPath, errors) ?? 'conservative',
    model: textAt(preferences, 'model', preferencesPath, errors, { required: false }),
    // Each once: they are kept in checkpoints.
    tools:
      preferences.tools === undefined
        ? undefined
        : [...new Set(textsAt(preferences, 'tools', preferencesPath, errors))],
  };
}

function promptOf(content: Json, inputType: InputType, errors: InputErrors): string | undefined {
  if (content.prompt !== undefined) return textAt(content, 'prompt', 'content', errors);
  if (content.content !== undefined) return textAt(content, 'content', 'content', errors);
  const alternative = inputType === 'structured_task' ? ' or content.task_definition' : '';
  errors.add('content.prompt', `is required${alternative}`);
  return undefined;
}

function objectAt(parent: Json, key: string, path: string, errors: InputErrors): Json | undefined {
  const value = parent[key];
  if (value === undefined) return undefined;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  errors.add(`${path}.${key}`, 'must be an object');
  return undefined;
}

function textAt(
  parent: Json,
  key: string,
  path: string,
  errors: InputErrors,
  { required } = { required: true },
): string | undefined {
  const value = parent[key];
  const field = `${path}.${key}`;
  if (value === undefined) {
    if (required) errors.add(field, 'is required');
    return undefined;
  }
  if (typeof value !== 'string' || value.trim() === '') {
    errors.add(field, 'must be a text that is not empty');
    return undefined;
  }
  if (value.length > MAX_PROMPT_LENGTH) {
    errors.add(field, `must have at most ${MAX_PROMPT_LENGTH} characters`);
    return undefined;
  }
  return value;
}

function textsAt(parent: Json, key: string, path: string, errors: InputErrors): string[] {
  const value = parent[key];
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((item): item is string => typeof item === 'string')) return value;
  errors.add(`${path}.${key}`, 'must be a list of texts');
  return [];
}

function integerAt(
  parent: Json,
  key: string,
  min: number,
  max: number,
  path: string,
  errors: InputErrors,
): number | undefined {
  const value = parent[key];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  errors.add(`${path}.${key}`, `must be a whole number from ${min} to ${max}`);
  return undefined;
}

function costAt(parent: Json, key: string, path: string, errors: InputErrors): string | undefined {
  const value = parent[key];
  if (value === undefined) return undefined;
  const isCost = typeof value === 'number' && value > 0 && value <= 1_000_000;
  if (isCost) return new Decimal(value).toDecimalPlaces(10, Decimal.ROUND_UP).toFixed();
  errors.add(`${path}.${key}`, 'must be more than 0 and at most 1000000');
  return undefined;
}

function choiceAt<Choice extends string>(
  parent: Json,
  key: string,
  choices: readonly Choice[],
  path: string,
  errors: InputErrors,
): Choice | undefined {
  const value = parent[key];
  if (value === undefined) return undefined;
  const found = choices.find((choice) => choice === value);
  if (found === undefined) errors.add(`${path}.${key}`, `must be one of ${choices.join(', ')}`);
  return found;
}
