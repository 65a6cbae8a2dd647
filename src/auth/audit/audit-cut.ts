import type { Transaction } from '../../database/sql.js';
import type { Audit } from './audit.service.js';
import type { ChainHead } from './audit-chain.js';

/** The entry that tells of it has this action, and as target what `cutTarget` writes; the database demands both. */
export const CUT_ACTION = 'retentionCutsAuditLog';

const cutTarget = ({ seq, hash }: ChainHead): string => `seq=${seq} hash=${hash}`;

/**
 * Takes the entries up to `last` out of the log, which tells of it. To be called at the end of a transaction, for writers of the
 * log wait for each other.
 */
export async function cutAuditLog(tx: Transaction, audit: Audit, last: ChainHead): Promise<void> {
  await audit.record(
    {
      actor: undefined,
      action: CUT_ACTION,
      method: '-',
      path: '-',
      target: cutTarget(last),
      outcome: 'done',
      address: undefined,
      requestId: undefined,
    },
    tx,
  );
  // The last entry is the one that was just written: nobody else writes before this transaction ends.
  await tx.query(
    `INSERT INTO audit_anchor (id, seq, hash, told_seq) SELECT 1, $1, $2, max(seq) FROM audit_log
     ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, told_seq = excluded.told_seq, cut_at = now()`,
    [last.seq, last.hash],
  );
  await tx.query('DELETE FROM audit_log WHERE seq <= $1', [last.seq]);
}
