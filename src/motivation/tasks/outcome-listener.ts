import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { Database } from '../../database/database.service.js';
import { Notifications } from '../../database/notifications.service.js';
import { isSeen } from '../../durable/liveness.js';
import { EventFeed, type News } from '../../events/event-feed.js';
import { WakefulLoop } from '../../waiting/wakeful-loop.js';
import { activeTasks, type ActiveTask } from './active-tasks.js';
import { TASKS_CHANNEL } from './spawner.js';
import { TaskSettlement } from './task-settlement.js';

/** A notification may be lost, and the replica that ran a workflow may die as it ends: an end is heard of at most this late. */
export const SWEEP_SECONDS = 2;
const AFTER_ERROR_MS = 1_000;

const IS_HEARD = `SELECT EXISTS (SELECT FROM executors WHERE status = 'live' AND roles LIKE '%engine%' AND ${isSeen()}) AS "isHeard"`;

/** Whether motivations hear how their tasks end. */
export interface Listening {
  readonly isActive: boolean;
  /** Of this replica; undefined where it has not looked. */
  readonly lastLookAt?: Date;
  readonly error?: string;
}

interface Watched {
  readonly stop: () => void;
  isBegun: boolean;
}

/**
 * Lets motivations hear how their tasks ended. Every replica with the duty of the engine has one; the active task whose workflow ended is the cursor, so there is
 * nothing that a crash could lose. It watches the events of motivated workflows only: those of people cost it nothing.
 */
@Injectable()
export class OutcomeListener implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(OutcomeListener.name);
  private readonly watched = new Map<string, Watched>();
  private readonly loop = new WakefulLoop(() => this.look());
  private readonly isOnDuty: boolean;
  private lastLook: Listening = { isActive: false };

  constructor(
    private readonly database: Database,
    private readonly settlement: TaskSettlement,
    private readonly feed: EventFeed,
    config: AppConfig,
    notifications: Notifications,
  ) {
    this.isOnDuty = config.duties.includes('engine');
    if (!this.isOnDuty) void this.loop.stop();
    notifications.on(TASKS_CHANNEL, () => this.loop.wake());
    notifications.onReconnect(() => this.loop.wake());
  }

  onApplicationBootstrap(): void {
    this.loop.wake();
  }

  async onModuleDestroy(): Promise<void> {
    for (const { stop } of this.watched.values()) stop();
    await this.loop.stop();
  }

  /** How this replica's last look went; where looking is not its duty, whether a replica lives that has it. */
  async listening(): Promise<Listening> {
    if (this.isOnDuty) return this.lastLook;
    const [row] = await this.database.query<{ isHeard: boolean }>(IS_HEARD);
    return row?.isHeard === true
      ? { isActive: true }
      : { isActive: false, error: 'No replica with the duty engine runs.' };
  }

  /** @returns milliseconds until the next look */
  private async look(): Promise<number> {
    try {
      const failed = await this.lookAtAll();
      this.lastLook = { isActive: failed === undefined, lastLookAt: new Date(), error: failed };
      return failed === undefined ? SWEEP_SECONDS * 1_000 : AFTER_ERROR_MS;
    } catch (error) {
      this.logger.warn(`Motivational tasks could not be looked at: ${String(error)}`);
      this.lastLook = { isActive: false, lastLookAt: new Date(), error: 'The tasks could not be read.' };
      return AFTER_ERROR_MS;
    }
  }

  /** @returns what went wrong with one of them; it does not keep the others waiting */
  private async lookAtAll(): Promise<string | undefined> {
    const tasks = await activeTasks(this.database);
    // What happened between the read and the watching was heard by nobody.
    if (this.watchOnly(tasks)) this.loop.wake();
    await this.markBegun(tasks.filter((task) => task.status !== 'active' && task.isBegun && !task.isEnded));
    let failed: string | undefined;
    for (const { id } of tasks.filter(({ isEnded }) => isEnded)) {
      try {
        await this.settlement.settle(id);
      } catch (error) {
        this.logger.error(`Task ${id} could not be settled and is tried again: ${String(error)}`);
        failed = `Task ${id} could not be settled.`;
      }
    }
    return failed;
  }

  private async markBegun(tasks: readonly ActiveTask[]): Promise<void> {
    if (tasks.length === 0) return;
    await this.database.query(
      `UPDATE motivational_tasks t SET status = 'active', started_at = w.started_at
         FROM workflows w
        WHERE w.id = t.thought_tree_id AND t.id = ANY($1::uuid[]) AND t.status IN ('generated', 'queued', 'spawned')
          AND w.started_at IS NOT NULL`,
      [tasks.map(({ id }) => id)],
    );
  }

  /** @returns whether there was one that was not watched */
  private watchOnly(tasks: readonly ActiveTask[]): boolean {
    const open = new Map(tasks.map((task) => [task.id, task]));
    for (const [id, { stop }] of this.watched) {
      if (open.has(id)) continue;
      stop();
      this.watched.delete(id);
    }
    const fresh = tasks.filter(({ id }) => !this.watched.has(id));
    for (const { id } of fresh) {
      this.watched.set(id, { stop: this.feed.watch(id, (news) => this.heard(id, news)), isBegun: false });
    }
    for (const [id, watched] of this.watched) watched.isBegun = open.get(id)?.isBegun ?? false;
    return fresh.length > 0;
  }

  /** Between its first event and its last there is nothing to know. */
  private heard(id: string, news: News): void {
    if (news === 'end' || this.watched.get(id)?.isBegun === false) this.loop.wake();
  }
}
