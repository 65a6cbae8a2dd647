import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { derivedId } from '../../../src/database/ids.js';
import type { MissedFires } from '../../../src/orchestrator/schedules/schedule.values.js';
import { until } from '../../support/until.js';
import type { StormClient } from './client.js';
import { wrongSlots, type Sleep } from './slots.js';

const EVERY_SECONDS = 2;
/** It is looked at, at the latest, after an error or a replica that is gone. */
const STILL_FIRING_MS = 15_000;
/** Longer than a fire may be late (a minute): so none of before it was made is late, and not missed. */
const AWAKE_MS = 70_000;
const ASLEEP_MS = 3_600_000;
/** PostgreSQL may be away, and who fires. */
const PATIENCE_MS = 60_000;
const LOOK_MS = 100;

interface Row {
  readonly next: Date;
  readonly paused: Date;
  readonly error: string | null;
}

/** A schedule of every other second. Now and then its row is what it is after an hour in which no NYX ran. */
export class Timetable {
  readonly sleeps: Sleep[] = [];
  private isOver = false;
  private readonly sleeping: Promise<void>;

  private constructor(
    private readonly sql: pg.Pool,
    private readonly client: StormClient,
    readonly missedFires: MissedFires,
    private readonly id: string,
    private readonly first: Date,
  ) {
    this.sleeping = this.sleepNowAndThen();
    this.sleeping.catch(() => undefined);
  }

  static async make(sql: pg.Pool, client: StormClient, missedFires: MissedFires): Promise<Timetable> {
    const body = {
      schedule: `*/${EVERY_SECONDS} * * * * *`,
      missed_fires: missedFires,
      workflow_template: { input_type: 'user_prompt', content: { prompt: `What a moment brings to ${missedFires}.` } },
    };
    const made = await client.ask({ method: 'POST', path: '/api/v1/orchestrator/schedules', body, expected: [201] });
    const first = new Date(made?.body.next_fire_times?.[0] ?? NaN);
    return new Timetable(sql, client, missedFires, made?.body.id ?? '', first);
  }

  stopSleeping(): void {
    this.isOver = true;
  }

  /** Pauses it. @throws what went wrong with its sleeps */
  async end(): Promise<void> {
    this.stopSleeping();
    await this.sleeping;
    const path = `/api/v1/orchestrator/schedules/${this.id}/pause`;
    await this.client.ask({ method: 'POST', path, body: {}, expected: [200, 201] });
  }

  /** When it has ended. */
  async wrongFires(): Promise<string[]> {
    const row = await this.row();
    const { rows } = await this.sql.query<{ id: string }>('SELECT id FROM workflows WHERE schedule_id = $1', [this.id]);
    const { missedFires, first, sleeps, id } = this;
    const slots = { missedFires, everyMs: EVERY_SECONDS * 1_000, first, next: row.next, sleeps };
    const fired = new Set(rows.map((workflow) => workflow.id));
    const wrong = wrongSlots(slots, fired, (slot) => derivedId(`sched:${id}:${slot.toISOString()}`));
    if (row.paused.getTime() - row.next.getTime() > STILL_FIRING_MS) wrong.push(`${missedFires}: it stopped firing`);
    if (row.error !== null) wrong.push(`${missedFires}: ${row.error}`);
    return wrong;
  }

  private async sleepNowAndThen(): Promise<void> {
    for (let sinceMs = performance.now(); !this.isOver;) {
      await sleep(LOOK_MS);
      if (performance.now() - sinceMs < AWAKE_MS) continue;
      await this.oversleep();
      sinceMs = performance.now();
    }
  }

  private async oversleep(): Promise<void> {
    const { next: from } = await persistently(() => this.row());
    const slot = new Date(from.getTime() - ASLEEP_MS);
    await persistently(() => this.sql.query('UPDATE schedules SET next_fire_at = $2 WHERE id = $1', [this.id, slot]));
    let to = slot;
    const isAwake = async (): Promise<boolean> => {
      to = (await persistently(() => this.row())).next;
      return to >= from;
    };
    await until('it is awake', isAwake, PATIENCE_MS);
    this.sleeps.push({ slot, from, to });
  }

  private async row(): Promise<Row> {
    const { rows } = await this.sql.query<Row>(
      'SELECT next_fire_at AS next, updated_at AS paused, last_error AS error FROM schedules WHERE id = $1',
      [this.id],
    );
    if (rows[0] === undefined) throw new Error(`Schedule ${this.id} is gone.`);
    return rows[0];
  }
}

/** Asks again while PostgreSQL is away. */
async function persistently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const sinceMs = performance.now();
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() - sinceMs > PATIENCE_MS) throw error;
      await sleep(LOOK_MS);
    }
  }
}
