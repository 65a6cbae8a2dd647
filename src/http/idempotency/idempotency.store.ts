import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { newId } from '../../database/ids.js';
import type { Sql } from '../../database/sql.js';
import { NowAndThen } from '../../waiting/now-and-then.js';

/** Which request a key stands for: keys are per principal and route. */
export interface IdempotencyClaim {
  readonly principalId: string;
  readonly route: string;
  readonly key: string;
  readonly bodyHash: string;
}

export interface StoredResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text exactly as it was sent; null when the answer had no body. */
  readonly body: string | null;
}

export type ClaimState =
  | { readonly kind: 'mine'; readonly claimId: string }
  | { readonly kind: 'running' }
  | { readonly kind: 'other_body' }
  | { readonly kind: 'done'; readonly response: StoredResponse };

interface Row {
  readonly body_hash: string;
  readonly response_status: number | null;
  readonly response_headers: Record<string, string> | null;
  readonly response_body: string | null;
  readonly is_ahead: boolean;
}

const KEPT = "interval '24 hours'";
const STALE_AFTER = "interval '15 seconds'";
/** Claimed, or beaten for, before the database's clock went back. */
const IS_AHEAD = `claimed_at > now() + ${STALE_AFTER}`;
const PURGE_EVERY_MS = 10 * 60_000;
const SAME_KEY = 'principal_id = $1 AND route = $2 AND key = $3';

@Injectable()
export class IdempotencyStore {
  private readonly purging = new NowAndThen(PURGE_EVERY_MS);

  constructor(private readonly database: Database) {}

  /** Takes the key when it is free, expired, or its holder stopped beating; else tells what it is used for. */
  async claim({ principalId, route, key, bodyHash }: IdempotencyClaim): Promise<ClaimState> {
    const claimId = newId();
    const [mine] = await this.database.query(
      `INSERT INTO idempotency_keys AS k (principal_id, route, key, body_hash, claim_id) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (principal_id, route, key) DO UPDATE SET
         body_hash = excluded.body_hash, claim_id = excluded.claim_id, claimed_at = now(),
         workflow_id = CASE WHEN k.created_at < now() - ${KEPT} THEN NULL ELSE k.workflow_id END,
         created_at = CASE WHEN k.created_at < now() - ${KEPT} THEN now() ELSE k.created_at END,
         response_status = NULL, response_headers = NULL, response_body = NULL, completed_at = NULL
       WHERE (k.completed_at IS NOT NULL AND k.created_at < now() - ${KEPT})
          OR (k.completed_at IS NULL AND k.claimed_at < now() - ${STALE_AFTER}
              AND (k.body_hash = excluded.body_hash OR k.created_at < now() - ${KEPT}))
       RETURNING claim_id`,
      [principalId, route, key, bodyHash, claimId],
    );
    if (mine) return { kind: 'mine', claimId };
    return this.look({ principalId, route, key, bodyHash });
  }

  /** Says that whoever holds the claim is at work; it changes nothing once another has taken the claim over. */
  async beat(claim: IdempotencyClaim, claimId: string): Promise<void> {
    await this.database.query(
      `UPDATE idempotency_keys SET claimed_at = now() WHERE ${SAME_KEY} AND claim_id = $4 AND completed_at IS NULL`,
      [claim.principalId, claim.route, claim.key, claimId],
    );
  }

  async complete(claim: IdempotencyClaim, claimId: string, response: StoredResponse): Promise<void> {
    await this.database.query(
      `UPDATE idempotency_keys
       SET response_status = $5, response_headers = $6, response_body = $7, completed_at = now()
       WHERE ${SAME_KEY} AND claim_id = $4`,
      [claim.principalId, claim.route, claim.key, claimId, response.status, response.headers, response.body],
    );
  }

  /** Frees the key after an error. What it already started stays bound to it, so that a repetition starts nothing new. */
  async release(claim: IdempotencyClaim, claimId: string): Promise<void> {
    const values = [claim.principalId, claim.route, claim.key, claimId];
    await this.database.query(
      `WITH unbound AS (
         DELETE FROM idempotency_keys WHERE ${SAME_KEY} AND claim_id = $4 AND workflow_id IS NULL AND completed_at IS NULL)
       UPDATE idempotency_keys SET claimed_at = '-infinity'
       WHERE ${SAME_KEY} AND claim_id = $4 AND workflow_id IS NOT NULL AND completed_at IS NULL`,
      values,
    );
  }

  /**
   * Binds the key to `resourceId` unless it is bound already; undefined when the key stands for another body. The column has the name of
   * the first kind of resource, which every release beside this one uses.
   */
  async bind(tx: Sql, claim: IdempotencyClaim, resourceId: string): Promise<string | undefined> {
    const [row] = await tx.query<{ workflow_id: string }>(
      `INSERT INTO idempotency_keys AS k (principal_id, route, key, body_hash, claim_id, claimed_at, workflow_id)
       VALUES ($1, $2, $3, $4, $5, '-infinity', $6)
       ON CONFLICT (principal_id, route, key) DO UPDATE SET workflow_id = coalesce(k.workflow_id, excluded.workflow_id)
       WHERE k.body_hash = excluded.body_hash
       RETURNING workflow_id`,
      [claim.principalId, claim.route, claim.key, claim.bodyHash, newId(), resourceId],
    );
    return row?.workflow_id;
  }

  private async look({ principalId, route, key, bodyHash }: IdempotencyClaim): Promise<ClaimState> {
    const [row] = await this.database.query<Row>(
      `SELECT body_hash, response_status, response_headers, response_body, ${IS_AHEAD} AS is_ahead FROM idempotency_keys WHERE ${SAME_KEY}`,
      [principalId, route, key],
    );
    if (row && row.body_hash !== bodyHash) return { kind: 'other_body' };
    if (!row || row.response_status === null) {
      if (row?.is_ahead === true) await this.countAnew(principalId, route, key);
      return { kind: 'running' };
    }
    const response = { status: row.response_status, headers: row.response_headers ?? {}, body: row.response_body };
    return { kind: 'done', response };
  }

  /** Whoever holds it has from now on to beat, as if it had done so just now. */
  private async countAnew(principalId: string, route: string, key: string): Promise<void> {
    await this.database.query(
      `UPDATE idempotency_keys SET claimed_at = now() WHERE ${SAME_KEY} AND completed_at IS NULL AND ${IS_AHEAD}`,
      [principalId, route, key],
    );
  }

  /** Forgets what is older than a day, now and then. */
  async purge(): Promise<void> {
    await this.purging.whenDue(async () => {
      await this.database.query(`DELETE FROM idempotency_keys WHERE created_at < now() - ${KEPT}`);
      return true;
    });
  }
}
