import type { AppConfig } from '../config/app-config.js';
import { fromStoredText, type SettingValue } from './setting-value.rules.js';
import { type Setting, type SettingKey, SETTINGS } from './settings.js';

/** The key of the row that is no setting but an order to every replica. */
export const LLM_ABORT_ORDER = 'llm_abort_order';

/** A row of `system_config`, its value as JSON text. */
export interface SettingRow {
  readonly key: string;
  readonly value: string;
  readonly updated_at: Date;
}

type SettingValues = { readonly [Key in SettingKey]: ReturnType<(typeof SETTINGS)[Key]['defaultOf']> };

/** Every setting at one moment. */
export interface SettingsSnapshot {
  readonly values: SettingValues;
  /** When each setting was changed; absent where the default holds. */
  readonly changedAt: ReadonlyMap<string, Date>;
  /** Another text than before means that the calls in flight are to be aborted. */
  readonly llmAbortOrder: string | undefined;
  /** Keys whose rows hold nothing that the setting takes: their defaults hold. */
  readonly unreadable: readonly string[];
}

export function snapshotOf(config: AppConfig, rows: readonly SettingRow[]): SettingsSnapshot {
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const values: Record<string, SettingValue> = {};
  const changedAt = new Map<string, Date>();
  const unreadable: string[] = [];
  for (const [key, setting] of Object.entries<Setting>(SETTINGS)) {
    const row = byKey.get(key);
    const stored = row === undefined ? undefined : setting.accept(fromStoredText(row.value));
    values[key] = stored === undefined ? setting.defaultOf(config) : stored;
    if (row !== undefined && stored !== undefined) changedAt.set(key, row.updated_at);
    if (row !== undefined && stored === undefined) unreadable.push(key);
  }
  return {
    values: values as SettingValues,
    changedAt,
    llmAbortOrder: byKey.get(LLM_ABORT_ORDER)?.value,
    unreadable,
  };
}

/** What differs, as `key=value` texts. */
export function changesBetween(before: SettingsSnapshot, after: SettingsSnapshot): string[] {
  const textsOf = ({ values, llmAbortOrder }: SettingsSnapshot): string[] =>
    Object.entries({ ...values, [LLM_ABORT_ORDER]: llmAbortOrder ?? null }).map(
      ([key, value]) => `${key}=${String(value)}`,
    );
  const known = new Set(textsOf(before));
  return textsOf(after).filter((text) => !known.has(text));
}
