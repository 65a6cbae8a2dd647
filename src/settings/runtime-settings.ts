import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Decimal } from 'decimal.js';
import { AppConfig } from '../config/app-config.js';
import { Database } from '../database/database.service.js';
import { newId } from '../database/ids.js';
import { Notifications } from '../database/notifications.service.js';
import { storableJson } from '../database/storable.js';
import { SettingError } from './setting-error.js';
import { type SettingValue, storedText } from './setting-value.rules.js';
import { type BudgetKind, isSettingKey, type Setting, type SettingKey, SETTINGS } from './settings.js';
import {
  changesBetween,
  LLM_ABORT_ORDER,
  type SettingRow,
  type SettingsSnapshot,
  snapshotOf,
} from './settings-snapshot.js';
import type { ConfigType } from './system-config.values.js';

const CHANNEL = 'nyx_settings';

/**
 * A notification can be lost without a trace (a dead network under the listening connection), and a stop has to reach every
 * replica within a second all the same. The table is smaller than any clever question about it.
 */
const REREAD_EVERY_MS = 800;

const READ = 'SELECT config_key AS key, config_value::text AS value, updated_at FROM system_config';

/** The row and its notification in one statement: both or neither. $1 id, $2 key, $3 value, $4 type, $5 description, $6 channel. */
const WRITE = `
  WITH written AS (
    INSERT INTO system_config (id, config_key, config_value, config_type, description)
    VALUES ($1, $2, $3::jsonb, $4, $5)
    ON CONFLICT (config_key) DO UPDATE
      SET config_value = excluded.config_value, config_type = excluded.config_type, description = excluded.description,
          updated_at = clock_timestamp()
    RETURNING updated_at
  )
  SELECT updated_at, pg_notify($6, '') FROM written`;

const REMOVE = `
  WITH gone AS (DELETE FROM system_config WHERE config_key = $1 RETURNING id)
  SELECT (SELECT count(*) FROM gone), pg_notify($2, '')`;

/** A setting as it holds now. */
export interface SettingState {
  readonly key: SettingKey;
  readonly type: ConfigType;
  readonly description: string;
  readonly value: SettingValue;
  /** When it was last changed; undefined where the default holds. */
  readonly changedAt: Date | undefined;
}

/**
 * What admins change while NYX runs, the same on every replica. The getters answer from memory, at most a second old. A change
 * reaches the others by NOTIFY; money and the emergency stop are held exactly by the reservation's own look at the rows.
 */
@Injectable()
export class RuntimeSettings implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(RuntimeSettings.name);
  private readonly listeners = new Set<() => void>();
  private snapshot: SettingsSnapshot;
  private reading: Promise<void> = Promise.resolve();
  /** The read that has not begun yet: whoever asks meanwhile shares it. */
  private nextReading: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isReadable = true;

  constructor(
    private readonly config: AppConfig,
    private readonly database: Database,
    notifications: Notifications,
  ) {
    this.snapshot = snapshotOf(config, []);
    notifications.on(CHANNEL, () => void this.refresh());
    notifications.onReconnect(() => void this.refresh());
  }

  async onModuleInit(): Promise<void> {
    this.apply(await this.read());
    this.timer = setInterval(() => {
      if (this.nextReading === undefined) void this.refresh();
    }, REREAD_EVERY_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.reading;
  }

  get llmEnabled(): boolean {
    return this.snapshot.values.llm_enabled;
  }

  /** For one attempt of a model call, 1 to 3600. */
  get llmTimeoutSeconds(): number {
    return this.snapshot.values.llm_timeout_seconds;
  }

  /** For a run of a tool that has no time of its own, 1 to 3600. */
  get toolTimeoutSeconds(): number {
    return this.snapshot.values.tool_timeout_seconds;
  }

  /** Attempts of a model call in all, 1 to 20. */
  get retryAttempts(): number {
    return this.snapshot.values.default_retry_attempts;
  }

  /** For a person to answer an approval, 1 to 43,200. */
  get approvalTimeoutMinutes(): number {
    return this.snapshot.values.approval_timeout_minutes;
  }

  /** Levels of subtasks below the top of a workflow, 1 to 100. */
  get maxRecursionDepth(): number {
    return this.snapshot.values.max_recursion_depth;
  }

  /** Agents at work at once on this replica, 1 to 10,000. */
  get maxConcurrentAgents(): number {
    return this.snapshot.values.max_concurrent_agents;
  }

  /** Workflows that this replica runs at once, 1 to 10,000. */
  get maxConcurrentWorkflows(): number {
    return this.snapshot.values.max_concurrent_workflows;
  }

  /** After which ended workflows are erased; 0: never. */
  get maxThoughtTreeAgeDays(): number {
    return this.snapshot.values.max_thought_tree_age_days;
  }

  /** Undefined: no limit. */
  budgetUsd(kind: BudgetKind): Decimal | undefined {
    return this.snapshot.values[`budget_${kind}_usd`] ?? undefined;
  }

  /** Becomes another text with every `orderLlmAbort` of any replica. */
  get llmAbortOrder(): string | undefined {
    return this.snapshot.llmAbortOrder;
  }

  /** Calls `listener`, which must not throw, after anything changed; returns how to stop. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Every setting as the database has it at this moment. */
  async list(): Promise<SettingState[]> {
    const { values, changedAt } = await this.read();
    return Object.keys(SETTINGS)
      .filter(isSettingKey)
      .map((key) => stateOf(key, values[key], changedAt.get(key)));
  }

  /** @throws SettingError when there is no such setting or it does not take the value */
  check(key: string, given: unknown): { readonly key: SettingKey; readonly value: SettingValue } {
    const known = knownKey(key);
    const setting: Setting = SETTINGS[known];
    const value = setting.accept(given);
    if (value === undefined) throw new SettingError('invalid_value', `must be ${setting.expectation}`);
    return { key: known, value };
  }

  /** Overrides the default; of two at once the last one wins. Holds here when it resolves. @throws SettingError, as `check` does */
  async set(key: string, given: unknown): Promise<SettingState> {
    const checked = this.check(key, given);
    const { type, description }: Setting = SETTINGS[checked.key];
    const changedAt = await this.write(checked.key, storedText(checked.value), type, description);
    return stateOf(checked.key, checked.value, changedAt);
  }

  /** Lets the default hold again. May be repeated. @throws SettingError when there is no such setting */
  async reset(key: string): Promise<SettingState> {
    const known = knownKey(key);
    await this.database.query(REMOVE, [known, CHANNEL]);
    await this.refresh();
    const setting: Setting = SETTINGS[known];
    return stateOf(known, setting.defaultOf(this.config), undefined);
  }

  /** Tells every replica to abort its model calls in flight. It is a row, so that a lost notification only delays it. */
  async orderLlmAbort(): Promise<void> {
    const description = 'The last order to abort the model calls in flight.';
    await this.write(LLM_ABORT_ORDER, storableJson(newId()), 'setting', description);
  }

  /** Reads anew; never throws: while the database is away, what was read last holds. */
  refresh(): Promise<void> {
    this.nextReading ??= this.reading.then(async () => {
      // Unset when the read begins: whoever comes later may have written what this read does not see.
      this.nextReading = undefined;
      await this.reread();
    });
    return (this.reading = this.nextReading);
  }

  private async reread(): Promise<void> {
    try {
      this.apply(await this.read());
      this.isReadable = true;
    } catch (error) {
      if (this.isReadable) this.logger.warn(`The settings could not be read, the last ones hold: ${String(error)}`);
      this.isReadable = false;
    }
  }

  private async read(): Promise<SettingsSnapshot> {
    return snapshotOf(this.config, await this.database.query<SettingRow>(READ));
  }

  private apply(snapshot: SettingsSnapshot): void {
    const before = this.snapshot;
    this.snapshot = snapshot;
    const unreadable = snapshot.unreadable.filter((key) => !before.unreadable.includes(key));
    if (unreadable.length > 0) this.logger.warn(`The defaults hold, for the rows are wrong: ${unreadable.join(', ')}.`);
    const changes = changesBetween(before, snapshot);
    if (changes.length === 0) return;
    this.logger.log(`Settings now: ${changes.join(', ')}`);
    for (const listener of this.listeners) listener();
  }

  private async write(key: string, value: string, type: ConfigType, description: string): Promise<Date | undefined> {
    const [row] = await this.database.query<{ updated_at: Date }>(WRITE, [
      newId(),
      key,
      value,
      type,
      description,
      CHANNEL,
    ]);
    await this.refresh();
    return row?.updated_at;
  }
}

function knownKey(key: string): SettingKey {
  if (!isSettingKey(key)) throw new SettingError('unknown_key', 'There is no such setting.');
  return key;
}

const stateOf = (key: SettingKey, value: SettingValue, changedAt: Date | undefined): SettingState => {
  const { type, description }: Setting = SETTINGS[key];
  return { key, type, description, value, changedAt };
};
