import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { Database } from '../../database/database.service.js';
import { RuntimeSettings } from '../../settings/runtime-settings.js';
import { NowAndThen } from '../../waiting/now-and-then.js';
import { inBatches } from '../../waiting/batches.js';

/** Decisions are kept this long; what a task rested on stays with the task. */
const DECISIONS_KEPT_DAYS = 7;
const BATCH = 1_000;
const EVERY_MS = 10 * 60_000;
/** Bounds how long a sweep is kept from what else it has to do. */
const RUN_MS = 500;

const OLD_DECISIONS = `
  DELETE FROM motivation_decisions
   WHERE id IN (SELECT id FROM motivation_decisions WHERE evaluated_at < now() - make_interval(days => $2)
                 ORDER BY evaluated_at, id LIMIT $1)
  RETURNING id`;

/** By default as old as what was done for them. */
const OLD_TASKS = `
  DELETE FROM motivational_tasks
   WHERE id IN (SELECT id FROM motivational_tasks WHERE completed_at < now() - make_interval(days => $2)
                 ORDER BY completed_at LIMIT $1 FOR UPDATE SKIP LOCKED)
  RETURNING id`;

const EXPIRED_TARGETS = `
  DELETE FROM motivational_targets t USING
    (SELECT motivation_type, target FROM motivational_targets WHERE taken_until < now() ORDER BY taken_until LIMIT $1
        FOR UPDATE SKIP LOCKED) old
   WHERE t.motivation_type = old.motivation_type AND t.target = old.target
  RETURNING t.target`;

/** Deletes what no evaluation needs any more, also where none takes place, in batches: no long transaction, no long lock. */
@Injectable()
export class Pruning {
  private readonly nowAndThen = new NowAndThen(EVERY_MS);

  constructor(
    private readonly database: Database,
    private readonly settings: RuntimeSettings,
    private readonly config: AppConfig,
  ) {}

  /** With every sweep. */
  async runWhenDue(): Promise<void> {
    await this.nowAndThen.whenDue(() => this.run(performance.now() + RUN_MS));
  }

  /** Begins no further batch after `endsAt`. @returns whether none is left */
  async run(endsAt = Infinity): Promise<boolean> {
    const days = this.config.retention.tasksDays ?? this.settings.maxThoughtTreeAgeDays;
    return (
      (await this.deleteAll(OLD_DECISIONS, [BATCH, DECISIONS_KEPT_DAYS], endsAt)) &&
      (await this.deleteAll(EXPIRED_TARGETS, [BATCH], endsAt)) &&
      (days === 0 || (await this.deleteAll(OLD_TASKS, [BATCH, days], endsAt)))
    );
  }

  private deleteAll(statement: string, values: readonly unknown[], endsAt: number): Promise<boolean> {
    return inBatches(endsAt, async () => (await this.database.query(statement, values)).length < BATCH);
  }
}
