import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { isConnectionError } from '../database/connection-errors.js';
import { Database } from '../database/database.service.js';
import { runsHere } from './dbos.js';
import { DurableEngine } from './durable-engine.js';
import { Durable } from './durable.service.js';
import { STATUS, UNCLAIMED } from './workflow-status.sql.js';

/** Between the claim of a function and its first moment there are some milliseconds, but where the database goes away meanwhile. */
const LOOK_MS = 5_000;

interface Claim {
  readonly id: string;
  readonly token: string;
}

/**
 * Gives back what this process claimed and does not run. PostgreSQL may commit a claim and go away before it says so: the functions then
 * belong to an executor that never heard of it, and because it lives nobody takes them over. What looks so twice is enqueued again; should
 * it have run all the same, it can write no more, as after any other loss of its claim.
 */
@Injectable()
export class UnrunClaims implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(UnrunClaims.name);
  /** By id, the token of each claim that was not run at the last look. */
  private suspected = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(
    private readonly database: Database,
    private readonly engine: DurableEngine,
    private readonly durable: Durable,
  ) {}

  onApplicationBootstrap(): void {
    if (this.engine.takesWork) this.schedule();
  }

  beforeApplicationShutdown(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      void this.look()
        .catch((error: unknown) => this.report(error))
        .finally(() => {
          if (!this.ended) this.schedule();
        });
    }, LOOK_MS);
  }

  private async look(): Promise<void> {
    if (!this.engine.isRunning) return;
    const claims = await this.database.query<Claim>(
      `SELECT workflow_uuid AS id, owner_xid AS token FROM ${STATUS}
        WHERE status = 'PENDING' AND executor_id = $1 AND owner_xid IS NOT NULL`,
      [this.engine.executor.id],
    );
    const unrun = claims.filter(({ id }) => !runsHere(id));
    const again = unrun.filter(({ id, token }) => this.suspected.get(id) === token);
    this.suspected = new Map(unrun.map(({ id, token }) => [id, token]));
    if (again.length > 0 && !this.ended) await this.giveBack(again);
  }

  /**
   * They wait for the next poll, which another replica's may be. The attempt counts: what is claimed too often DBOS gives up where it would run
   * next. It is taken back for a function that is not known here, only to a newer release: this one claims it again and again, can neither run
   * it nor give it up, and the newer one would find its attempts used up.
   */
  private async giveBack(claims: readonly Claim[]): Promise<void> {
    const given = await this.database.query(
      `UPDATE ${STATUS}
          SET ${UNCLAIMED}, recovery_attempts = recovery_attempts - CASE WHEN name = ANY($3) THEN 0 ELSE 1 END
         FROM unnest($1::text[], $2::text[]) AS claim(id, token)
        WHERE workflow_uuid = claim.id AND owner_xid = claim.token AND status = 'PENDING' RETURNING workflow_uuid`,
      [claims.map(({ id }) => id), claims.map(({ token }) => token), this.durable.functionNames],
    );
    if (given.length > 0)
      this.logger.warn(`${given.length} durable functions were claimed but did not run; they are enqueued again.`);
  }

  private report(error: unknown): void {
    const message = `Looking for claims that do not run failed and is done again: ${String(error)}`;
    if (isConnectionError(error)) this.logger.debug(message);
    else this.logger.error(message);
  }
}
