import { Decimal } from 'decimal.js';
import { STRATEGIES } from '../workflows/workflow.values.js';
/** Longest prompt, in characters. */
export const MAX_PROMPT_LENGTH = 200_000;
const VALIDATION_LEVELS = ['basic', 'standard', 'strict', 'critical'];
const FOCUSES = ['speed', 'cost', 'quality', 'balanced'];
export class InputErrors {
    list = [];
    add(field, message) {
        this.list.push({ field, message });
        return undefined;
    }
}
/** Reads the content of an input type; what is missing or of the wrong kind is added to `errors`. */
export function readBrief(inputType, content, errors) {
    const task = inputType === 'structured_task' ? objectAt(content, 'task_definition', 'content', errors) : undefined;
    const objective = task === undefined
        ? promptOf(content, inputType, errors)
        : textAt(task, 'primary_objective', 'content.task_definition', errors);
    const places = task === undefined ? [[content, 'content']] : [[task, 'content.task_definition'], [content, 'content']];
    const texts = (key) => places.flatMap(([place, path]) => textsAt(place, key, path, errors));
    return {
        objective: objective ?? '',
        constraints: texts('constraints'),
        deliverables: texts('deliverables'),
        technicalRequirements: texts('technical_requirements'),
    };
}
/** Reads the known members of `execution_context` and leaves the others alone. Defaults are those of domain.md. */
export function readSettings(context, errors) {
    const limits = objectAt(context, 'resource_limits', 'execution_context', errors) ?? {};
    const quality = objectAt(context, 'quality_settings', 'execution_context', errors) ?? {};
    const preferences = objectAt(context, 'execution_preferences', 'execution_context', errors) ?? {};
    const limitsPath = 'execution_context.resource_limits';
    const preferencesPath = 'execution_context.execution_preferences';
    return {
        maxConcurrentAgents: integerAt(limits, 'max_concurrent_agents', 1, 500, limitsPath, errors) ?? 20,
        maxExecutionTimeMinutes: integerAt(limits, 'max_execution_time_minutes', 1, 10_080, limitsPath, errors) ?? 120,
        maxSubtasks: integerAt(limits, 'max_subtasks', 1, 500, limitsPath, errors) ?? 8,
        maxCostUsd: costAt(limits, 'max_cost_usd', limitsPath, errors),
        validationLevel: choiceAt(quality, 'validation_level', VALIDATION_LEVELS, 'execution_context.quality_settings', errors),
        strategy: choiceAt(preferences, 'strategy', STRATEGIES, preferencesPath, errors),
        optimizationFocus: choiceAt(preferences, 'optimization_focus', FOCUSES, preferencesPath, errors) ?? 'balanced',
        model: textAt(preferences, 'model', preferencesPath, errors, { required: false }),
    };
}
function promptOf(content, inputType, errors) {
    if (content.prompt !== undefined)
        return textAt(content, 'prompt', 'content', errors);
    if (content.content !== undefined)
        return textAt(content, 'content', 'content', errors);
    const alternative = inputType === 'structured_task' ? ' or content.task_definition' : '';
    return errors.add('content.prompt', `is required${alternative}`);
}
function objectAt(parent, key, path, errors) {
    const value = parent[key];
    if (value === undefined)
        return undefined;
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
        return value;
    return errors.add(`${path}.${key}`, 'must be an object');
}
function textAt(parent, key, path, errors, { required } = { required: true }) {
    const value = parent[key];
    const field = `${path}.${key}`;
    if (value === undefined)
        return required ? errors.add(field, 'is required') : undefined;
    if (typeof value !== 'string' || value.trim() === '')
        return errors.add(field, 'must be a text that is not empty');
    if (value.length > MAX_PROMPT_LENGTH)
        return errors.add(field, `must have at most ${MAX_PROMPT_LENGTH} characters`);
    return value;
}
function textsAt(parent, key, path, errors) {
    const value = parent[key];
    if (value === undefined)
        return [];
    if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
        return value;
    errors.add(`${path}.${key}`, 'must be a list of texts');
    return [];
}
function integerAt(parent, key, min, max, path, errors) {
    const value = parent[key];
    if (value === undefined)
        return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max)
        return value;
    return errors.add(`${path}.${key}`, `must be a whole number from ${min} to ${max}`);
}
function costAt(parent, key, path, errors) {
    const value = parent[key];
    if (value === undefined)
        return undefined;
    const isCost = typeof value === 'number' && value > 0 && value <= 1_000_000;
    if (isCost)
        return new Decimal(value).toDecimalPlaces(10, Decimal.ROUND_UP).toFixed();
    return errors.add(`${path}.${key}`, 'must be more than 0 and at most 1000000');
}
function choiceAt(parent, key, choices, path, errors) {
    const value = parent[key];
    if (value === undefined)
        return undefined;
    const found = choices.find((choice) => choice === value);
    return found ?? errors.add(`${path}.${key}`, `must be one of ${choices.join(', ')}`);
}
//# sourceMappingURL=workflow-input.rules.js.map