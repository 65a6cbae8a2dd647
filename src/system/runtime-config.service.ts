import { Injectable, Logger } from '@nestjs/common';
import { Decimal } from 'decimal.js';
import type { Principal } from '../auth/principal.js';
import type { Plain } from '../http/plain.js';
import { invalid, notFound } from '../http/problem.js';
import { EmergencyStop } from '../llm/guards/emergency-stop.js';
import { RuntimeSettings, type SettingState } from '../settings/runtime-settings.js';
import { SettingError } from '../settings/setting-error.js';
import type { ChangeConfig, ConfigItem, ConfigList } from './dto/runtime-config.dto.js';

/** The runtime configuration as the wire has it. */
@Injectable()
export class RuntimeConfig {
  private readonly logger = new Logger(RuntimeConfig.name);

  constructor(
    private readonly settings: RuntimeSettings,
    private readonly stop: EmergencyStop,
  ) {}

  async list(): Promise<Plain<ConfigList>> {
    return { items: (await this.settings.list()).map(present) };
  }

  /** @throws Problem NOT_FOUND, VALIDATION_ERROR */
  change(key: string, change: ChangeConfig, { username }: Principal): Promise<Plain<ConfigItem>> {
    const { config_value: given, abort_in_flight: aborts } = change;
    return withProblems(async () => {
      this.settings.check(key, given);
      if (aborts === true && !(key === 'llm_enabled' && given === false))
        throw invalid('abort_in_flight', 'goes only with llm_enabled set to false');
      const state = await this.settings.set(key, given);
      // After the stop holds, or a call could start behind the abort.
      if (aborts === true) await this.stop.abortInFlight();
      this.logger.log(
        `${username} set ${key} to ${String(given)}${aborts === true ? ' and aborts calls in flight' : ''}`,
      );
      return present(state);
    });
  }

  /** @throws Problem NOT_FOUND */
  reset(key: string, { username }: Principal): Promise<Plain<ConfigItem>> {
    return withProblems(async () => {
      const state = await this.settings.reset(key);
      this.logger.log(`${username} reset ${key} to its default`);
      return present(state);
    });
  }
}

async function withProblems<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    throw error.reason === 'unknown_key' ? notFound('The setting') : invalid('config_value', error.message);
  }
}

const present = ({ key, type, description, value, changedAt }: SettingState): Plain<ConfigItem> => ({
  config_key: key,
  config_value: Decimal.isDecimal(value) ? value.toNumber() : value,
  config_type: type,
  description,
  updated_at: changedAt?.toISOString() ?? null,
  is_default: changedAt === undefined,
});
