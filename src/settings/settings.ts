import type { Decimal } from 'decimal.js';
import type { AppConfig } from '../config/app-config.js';
import { BUDGET, FLAG, type SettingValue, type ValueKind, wholeNumber } from './setting-value.rules.js';
import type { ConfigType } from './system-config.values.js';

/** One thing that an admin may change while NYX runs. A row in `system_config` overrides the default. */
export interface Setting<Value extends SettingValue = SettingValue> extends ValueKind<Value> {
  readonly type: ConfigType;
  readonly description: string;
  defaultOf(config: AppConfig): Value;
}

const limit = <Value extends SettingValue>(
  kind: ValueKind<Value>,
  description: string,
  defaultOf: (config: AppConfig) => Value,
): Setting<Value> => ({ ...kind, type: 'limit', description, defaultOf });

const budget = (description: string, defaultOf: (config: AppConfig) => Decimal | null): Setting<Decimal | null> =>
  limit(BUDGET, `${description}, in USD; null is no limit.`, defaultOf);

/** Every setting, in the order in which lists show them. Each changes what NYX does. */
export const SETTINGS = {
  llm_enabled: {
    ...FLAG,
    type: 'setting',
    description: 'The emergency stop: while it is false no model call is sent, and workflows wait.',
    defaultOf: () => true,
  },
  llm_timeout_seconds: limit(
    wholeNumber(1, 3600),
    'How long one attempt of a model call may take, in seconds; the agents of workflows have 300.',
    (config) => config.llm.timeoutSeconds,
  ),
  tool_timeout_seconds: limit(
    wholeNumber(1, 3600),
    'How long a run of a tool may take that has no time of its own, in seconds.',
    (config) => config.limits.toolTimeoutSeconds,
  ),
  default_retry_attempts: limit(wholeNumber(1, 20), 'Attempts that a model call gets in all.', (config) =>
    Math.max(1, config.limits.retryAttempts),
  ),
  approval_timeout_minutes: limit(
    wholeNumber(1, 43_200),
    'How long a person has to approve a tool call or a result, in minutes; after it the answer is no.',
    () => 1_440,
  ),
  max_recursion_depth: limit(
    wholeNumber(1, 100),
    'Levels of subtasks below the top that a workflow may have that begins from now on, whatever it asks for.',
    (config) => config.limits.maxRecursionDepth,
  ),
  max_concurrent_agents: limit(
    wholeNumber(1, 10_000),
    'Agents of all workflows that each replica lets work at once; the others wait for their turn.',
    (config) => config.limits.maxConcurrentAgents,
  ),
  max_concurrent_workflows: limit(
    wholeNumber(1, 10_000),
    'Workflows that each replica runs at once, those that wait for people not counted, and fewer while it is busy; the others wait for their turn.',
    (config) => config.limits.maxConcurrentAgents,
  ),
  max_thought_tree_age_days: limit(
    wholeNumber(0, 36_500),
    'Days after which workflows that have ended are erased with all that belongs to them; 0 keeps them.',
    (config) => config.retention.workflowsDays,
  ),
  budget_workflow_usd: budget(
    'What a workflow may cost that is accepted from now on and names no max_cost_usd',
    (config) => config.budget.workflowUsd,
  ),
  budget_session_usd: budget('What the calls of one session may cost', () => null),
  budget_principal_day_usd: budget('What one user or API key may spend in a day (UTC)', () => null),
  budget_autonomous_day_usd: budget(
    'What work that NYX finds for itself may cost in a day (UTC)',
    (config) => config.budget.autonomousDailyUsd,
  ),
  budget_system_day_usd: budget('What everything may cost in a day (UTC)', (config) => config.budget.dailyUsd),
  budget_system_month_usd: budget('What everything may cost in a month (UTC)', () => null),
} satisfies Readonly<Record<string, Setting>>;

export type SettingKey = keyof typeof SETTINGS;

/** The budgets that have a setting of their own. */
export type BudgetKind = SettingKey extends infer Key ? (Key extends `budget_${infer Kind}_usd` ? Kind : never) : never;

export const isSettingKey = (key: string): key is SettingKey => Object.hasOwn(SETTINGS, key);
