import { Injectable, Logger } from '@nestjs/common';
import { verifyChain } from '../../auth/audit/audit-chain.js';
import { Audit } from '../../auth/audit/audit.service.js';
import { cutAuditLog } from '../../auth/audit/audit-cut.js';
import { AppConfig } from '../../config/app-config.js';
import { Database } from '../../database/database.service.js';
import type { Transaction } from '../../database/sql.js';
import { inBatches } from '../../waiting/batches.js';
import { Archive } from './archive.js';

const ENTRIES_AT_ONCE = 1_000;

/** In the order of the chain, so that no entry stays before one that goes. $1 days. */
const OLDEST = `SELECT seq::float8 AS seq, hash, at < now() - make_interval(days => $1) AS is_old,
    EXISTS (SELECT FROM audit_anchor WHERE cut_at > now() - interval '1 day') AS is_fresh
  FROM audit_log ORDER BY audit_log.seq LIMIT ${ENTRIES_AT_ONCE}`;

interface Oldest {
  readonly seq: number;
  readonly hash: string;
  readonly is_old: boolean;
  /** Whether the log was cut within a day. */
  readonly is_fresh: boolean;
}

/** Takes entries that are too old out of the audit log, archived where there is an archive. */
@Injectable()
export class AuditRetention {
  private readonly logger = new Logger(AuditRetention.name);

  constructor(
    private readonly database: Database,
    private readonly config: AppConfig,
    private readonly archive: Archive,
    private readonly audit: Audit,
  ) {}

  /** Begins no further batch after `endsAt`. @returns whether none is left that could go now */
  async cutOld(endsAt: number): Promise<boolean> {
    const { auditDays } = this.config.retention;
    return auditDays === 0 || inBatches(endsAt, () => this.cutBatch(auditDays));
  }

  /** A batch that is not full waits for a day: each cut is an entry, too. @returns whether none is left that could go now */
  private cutBatch(days: number): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const oldest = await tx.query<Oldest>(OLDEST, [days]);
      const young = oldest.findIndex(({ is_old: isOld }) => !isOld);
      const old = young === -1 ? oldest : oldest.slice(0, young);
      const [first, last] = [old[0], old.at(-1)];
      const isFull = old.length === ENTRIES_AT_ONCE;
      if (first === undefined || last === undefined || (first.is_fresh && !isFull)) return true;
      if (!(await isStillFirst(tx, first.seq))) return true;
      const { brokenAt } = await verifyChain(tx, undefined, last.seq);
      if (brokenAt !== undefined) {
        this.logger.error(
          `The audit log was tampered with at entry ${brokenAt}, so retention takes nothing of it: npm run audit:verify.`,
        );
        return true;
      }
      await this.archive.write(tx, `audit_log-${first.seq}`, [
        { table: 'audit_log', which: 'WHERE t.seq <= $1 ORDER BY t.seq', values: [last.seq] },
      ]);
      await cutAuditLog(tx, this.audit, last);
      return !isFull;
    });
  }
}

/** Whoever holds the first entry cuts; another replica that waited for it finds it gone. */
async function isStillFirst(tx: Transaction, seq: number): Promise<boolean> {
  return (await tx.query('SELECT 1 FROM audit_log WHERE seq = $1 FOR UPDATE', [seq])).length > 0;
}
