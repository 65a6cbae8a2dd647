import type { Sql } from '../../database/sql.js';

/** What the database hashes of a row; the migration that made the table has the same. */
const HASHED = `concat_ws(chr(31), coalesce(before, ''), id, seq, (extract(epoch FROM at) * 1000000)::bigint,
  coalesce(actor_id, chr(30)), coalesce(actor_name, chr(30)), coalesce(actor_kind, chr(30)), coalesce(actor_role, chr(30)),
  action, method, path, coalesce(target, chr(30)), outcome, coalesce(status::text, chr(30)), coalesce(error_code, chr(30)),
  coalesce(address, chr(30)), coalesce(request_id, chr(30)), repeated)`;

export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

export interface ChainReport {
  readonly entries: number;
  /** The last entry; undefined: there is none. What was seen of it before proves that nothing was cut off at the end since. */
  readonly head: ChainHead | undefined;
  /** The first entry that is not what it was, or before which some are missing; undefined: all is as it was written. */
  readonly brokenAt: number | undefined;
  /** Whether an entry that was seen before is still there as it was; undefined when none was given, or retention took it. */
  readonly hasSeen: boolean | undefined;
  /** The last entry that retention took; undefined: none. */
  readonly cutAt: number | undefined;
}

/**
 * Computes the chain of hashes again in one statement, so of one moment. It begins at the anchor that retention leaves where it cut the log,
 * and is broken, too, when the entry that tells of that cut is gone.
 * @param seen the head of an earlier check: `hasSeen` says whether it still stands
 * @param upTo the `seq` of the last entry to check; default: all
 */
export async function verifyChain(sql: Sql, seen?: ChainHead, upTo?: number): Promise<ChainReport> {
  const [row] = await sql.query<{
    entries: number;
    broken_at: number | null;
    seq: number | null;
    hash: string | null;
    found: string | null;
    cut_at: number | null;
  }>(
    `WITH anchor AS (SELECT seq, hash, told_seq FROM audit_anchor),
     chained AS (
       SELECT *, coalesce(lag(hash) OVER (ORDER BY seq), (SELECT hash FROM anchor)) AS before,
              coalesce((SELECT seq FROM anchor), 0) + row_number() OVER (ORDER BY seq) AS position
         FROM audit_log WHERE $2::bigint IS NULL OR seq <= $2
     )
     SELECT count(*)::float8 AS entries, max(seq)::float8 AS seq,
            (SELECT hash FROM audit_log WHERE $2::bigint IS NULL OR seq <= $2 ORDER BY seq DESC LIMIT 1) AS hash,
            least(min(seq) FILTER (WHERE seq <> position OR hash <> encode(sha256(convert_to(${HASHED}, 'UTF8')), 'hex')),
                  (SELECT told_seq FROM anchor a WHERE NOT EXISTS (SELECT FROM audit_log WHERE seq = a.told_seq)))::float8 AS broken_at,
            (SELECT hash FROM (SELECT seq, hash FROM anchor UNION ALL SELECT seq, hash FROM audit_log) there
              WHERE seq = $1::bigint) AS found,
            (SELECT seq FROM anchor)::float8 AS cut_at
       FROM chained`,
    [seen?.seq ?? null, upTo ?? null],
  );
  if (row === undefined) throw new Error('The log was not counted.');
  return {
    entries: row.entries,
    head: row.seq === null || row.hash === null ? undefined : { seq: row.seq, hash: row.hash },
    brokenAt: row.broken_at ?? undefined,
    hasSeen: seen && seen.seq >= (row.cut_at ?? 0) ? row.found === seen.hash : undefined,
    cutAt: row.cut_at ?? undefined,
  };
}
