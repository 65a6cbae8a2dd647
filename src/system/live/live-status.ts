import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import type { Plain } from '../../http/plain.js';
import { EngineReader } from '../../motivation/engine/engine-reader.js';
import { presentEngine } from '../../motivation/engine/engine-presentation.js';
import { within } from '../../waiting/within.js';
import type { LiveStatusDto } from '../dto/live-status.dto.js';
import { HealthService } from '../health.service.js';

/** As long as a part of health has. */
const BOUND_MS = 1_200;

/** Every call is in the balance of its day, UTC. */
const WORK = `
  SELECT (SELECT count(*)::int FROM workflows WHERE status IN ('pending', 'in_progress')) AS active,
         (SELECT spent_usd FROM budget_scopes WHERE kind = 'system_day' AND key = to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD')) AS cost`;

/** The status of NYX with its engine, its work and its cost. What cannot be found out is null, and `error` says so. */
@Injectable()
export class LiveStatus {
  private readonly logger = new Logger(LiveStatus.name);

  constructor(
    private readonly health: HealthService,
    private readonly engine: EngineReader,
    private readonly database: Database,
  ) {}

  async read(): Promise<Plain<LiveStatusDto>> {
    const unknown: string[] = [];
    const known = <T>(what: string, reading: Promise<T>): Promise<T | null> =>
      within(
        BOUND_MS,
        () => reading,
        () => new Error(`it took over ${BOUND_MS} ms`),
      ).catch((error: unknown) => {
        this.logger.warn(`For the status ${what} could not be read: ${String(error)}`);
        unknown.push(what);
        return null;
      });
    const [status, engine, work] = await Promise.all([
      this.health.status(),
      known('the engine', this.engine.read()),
      known('the work and its cost', this.work()),
    ]);
    return {
      ...status,
      engine: unknown.includes('the engine') ? null : presentEngine(engine ?? undefined, new Date()),
      active_workflows: work?.active ?? null,
      cost_today_usd: work?.costUsd ?? null,
      ...(unknown.length > 0 && { error: `Not known now: ${unknown.join(', ')}.` }),
    };
  }

  private async work(): Promise<{ readonly active: number; readonly costUsd: number }> {
    const [row] = await this.database.query<{ active: number; cost: string | null }>(WORK);
    if (row === undefined) throw new Error('Nothing was answered.');
    return { active: row.active, costUsd: Number(row.cost ?? 0) };
  }
}
