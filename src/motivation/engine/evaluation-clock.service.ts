import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { Database } from '../../database/database.service.js';
import { Notifications } from '../../database/notifications.service.js';
import { WakefulLoop } from '../../waiting/wakeful-loop.js';
import { ENGINE_CHANNEL, SECONDS_UNTIL_DUE } from './engine-rows.js';
import { Evaluation } from './evaluation.js';

/** A notification may be lost, and another replica may die while it evaluates: an evaluation is at most this late. */
const LOOK_MS = 15_000;
/** What is due and held by another replica is looked at again after this. */
const LEAST_PAUSE_MS = 250;
const AFTER_ERROR_MS = 1_000;

/**
 * Evaluates when the engine is due. Every replica with this duty has one timer, set to the time that the engine's row says, by the database's clock;
 * whichever gets the lock evaluates, and here never two at once.
 */
@Injectable()
export class EvaluationClock implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(EvaluationClock.name);
  private readonly loop = new WakefulLoop(() => this.look());

  constructor(
    private readonly database: Database,
    private readonly evaluation: Evaluation,
    config: AppConfig,
    notifications: Notifications,
  ) {
    if (!config.duties.includes('engine')) void this.loop.stop();
    notifications.on(ENGINE_CHANNEL, () => this.loop.wake());
    notifications.onReconnect(() => this.loop.wake());
  }

  onApplicationBootstrap(): void {
    this.loop.wake();
  }

  /** An evaluation under way is waited for. */
  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }

  /** @returns milliseconds until there is something to do again */
  private async look(): Promise<number> {
    try {
      const untilDueMs = await this.untilDue();
      if (untilDueMs > 0) return Math.min(LOOK_MS, Math.ceil(untilDueMs));
      return (await this.evaluation.run()) === undefined ? LEAST_PAUSE_MS : 0;
    } catch (error) {
      this.logger.warn(`The engine could not be looked after: ${String(error)}`);
      return AFTER_ERROR_MS;
    }
  }

  private async untilDue(): Promise<number> {
    const [row] = await this.database.query<{ ms: number }>(
      `SELECT ${SECONDS_UNTIL_DUE} * 1000 AS ms FROM motivation_engine WHERE is_running`,
    );
    return row?.ms ?? LOOK_MS;
  }
}
