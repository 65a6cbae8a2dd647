import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, type OnModuleDestroy } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import { AppConfig, type Role } from '../../config/app-config.js';
import { Database } from '../../database/database.service.js';
import { Notifications } from '../../database/notifications.service.js';
import { LiveGateway } from '../../events/sockets/live.gateway.js';
import { LiveSockets } from '../../events/sockets/live-sockets.js';
import { WakefulLoop } from '../../waiting/wakeful-loop.js';
import { Decisions } from '../engine/decisions.service.js';
import { ENGINE_CHANNEL, evaluatedIn } from '../engine/engine-rows.js';
import { MotivationalStates } from '../states/motivational-states.service.js';
import { STATES_CHANNEL } from '../states/state-rows.js';
import { MotivationalTaskQueries } from '../tasks/motivational-task-queries.service.js';
import { TASKS_CHANNEL } from '../tasks/spawner.js';
import { ENDED_TASKS_CHANNEL } from '../tasks/task-settlement.js';
import { missedRows } from './missed-rows.js';
import { News, type NewsKind } from './news.js';

/** What one transaction tells of arrives in several notifications. */
const GATHER_MS = 10;
const AFTER_ERROR_MS = 1_000;
/** Nothing to do until somebody wakes it. */
const IDLE_MS = 60_000;
/** A row bears the time at which its transaction was at it; until it committed so much may have passed. */
const LONGEST_COMMIT_SECONDS = 15;

/**
 * What motivations do, to whoever is connected: each row that was committed, on every replica, whichever wrote it. A notification names
 * the row; it is read once here, however many are connected, and not at all when nobody is.
 */
@WebSocketGateway({ namespace: '/ws/motivation' })
export class MotivationGateway extends LiveGateway implements OnModuleDestroy {
  /** These rows quote the work of all principals. */
  protected override readonly required: Role;
  private readonly logger = new Logger(MotivationGateway.name);
  private readonly news = new News();
  private readonly loop = new WakefulLoop(() => this.look());
  /** Monotonic: until then nothing can have been missed. */
  private heardAtMs = performance.now();
  private hasMissed = false;

  constructor(
    sockets: LiveSockets,
    config: AppConfig,
    private readonly database: Database,
    private readonly decisions: Decisions,
    private readonly tasks: MotivationalTaskQueries,
    private readonly states: MotivationalStates,
    notifications: Notifications,
  ) {
    super(sockets);
    this.required = config.isolatePrincipals ? 'admin' : 'viewer';
    notifications.on(ENGINE_CHANNEL, (item) => {
      const decisionId = evaluatedIn(item);
      if (decisionId !== undefined) this.heard('evaluated', decisionId);
    });
    notifications.on(TASKS_CHANNEL, (id) => this.heard('task.spawned', id));
    notifications.on(ENDED_TASKS_CHANNEL, (id) => this.heard('task.completed', id));
    notifications.on(STATES_CHANNEL, (type) => this.heard('state.changed', type));
    notifications.onReconnect(() => {
      if (this.count === 0) return;
      this.hasMissed = true;
      this.loop.wake();
    });
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }

  protected joined(): void {
    if (this.count === 1) this.heardAtMs = performance.now();
  }

  private heard(kind: NewsKind, key: string): void {
    if (this.count === 0) return;
    // What was missed before is not read yet: that moment counts.
    if (!this.hasMissed) this.heardAtMs = performance.now();
    this.news.add(kind, key);
    this.loop.wake();
  }

  /** @returns milliseconds until there is something to do again */
  private async look(): Promise<number> {
    if (this.count === 0) {
      this.news.clear();
      this.hasMissed = false;
      return IDLE_MS;
    }
    try {
      await sleep(GATHER_MS);
      if (this.hasMissed) await this.catchUp();
      if (!this.news.isEmpty) await this.tell();
      return IDLE_MS;
    } catch (error) {
      this.logger.warn(`What motivations did could not be read; trying again: ${String(error)}`);
      return AFTER_ERROR_MS;
    }
  }

  private async catchUp(): Promise<void> {
    const beganAtMs = performance.now();
    const seconds = (beganAtMs - this.heardAtMs) / 1_000 + LONGEST_COMMIT_SECONDS;
    this.hasMissed = false;
    try {
      for (const { kind, key } of await missedRows(this.database, seconds)) this.news.add(kind, key);
      this.heardAtMs = beganAtMs;
    } catch (error) {
      this.hasMissed = true;
      throw error;
    }
  }

  private async tell(): Promise<void> {
    await this.tellOf(
      'evaluated',
      (ids) => this.decisions.byIds(ids),
      ({ id }) => id,
    );
    await this.tellOf(
      'task.spawned',
      (ids) => this.tasks.byIds(ids),
      ({ task_id }) => task_id,
    );
    await this.tellOf(
      'task.completed',
      (ids) => this.tasks.byIds(ids),
      ({ task_id, completed_at }) => `${task_id} ${completed_at}`,
    );
    await this.tellOf(
      'state.changed',
      (types) => this.states.byTypes(types, undefined),
      ({ motivation_type, updated_at }) => `${motivation_type} ${updated_at}`,
    );
  }

  private async tellOf<Row extends object>(
    kind: NewsKind,
    read: (keys: readonly string[]) => Promise<readonly Row[]>,
    identityOf: (row: Row) => string,
  ): Promise<void> {
    const keys = this.news.take(kind);
    if (keys.length === 0) return;
    try {
      for (const row of await read(keys)) {
        if (this.news.tell(`${kind} ${identityOf(row)}`)) this.broadcast(kind, row);
      }
    } catch (error) {
      for (const key of keys) this.news.add(kind, key);
      throw error;
    }
  }
}
