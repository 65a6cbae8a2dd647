import { setTimeout as sleep } from 'node:timers/promises';
import { rounded } from '../statistics.mjs';
import { direct, inParallel } from '../workloads.mjs';

/** Sessions report their counters when they have been idle for ten seconds. */
const COUNTERS_SETTLE_MS = 11_000;

const rowsWritten = (database) =>
  database.one(
    `SELECT sum(n_tup_ins)::int AS inserted, sum(n_tup_upd)::int AS updated, sum(n_tup_del)::int AS deleted
       FROM pg_stat_user_tables`,
  );

/** What a direct workflow writes. Printed, without a mark: a rise over 10 % needs a reason in the change. */
export default async function wal({ server, nyx, nyxDatabase, quick }) {
  const count = quick ? 20 : 200;
  await server.pool.query('CHECKPOINT');
  await inParallel(quick ? 10 : 100, 1, (number) => nyx.client.run(direct(number)));
  if (!quick) await sleep(COUNTERS_SETTLE_MS);
  const before = { ...(await rowsWritten(nyxDatabase)), ...(await server.one('SELECT pg_current_wal_lsn() AS lsn')) };
  await inParallel(count, 1, (number) => nyx.client.run(direct(number)));
  const { bytes } = await server.one('SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), $1)::bigint AS bytes', [before.lsn]);
  const result = [
    {
      figure: 'WAL per direct workflow',
      value: `${rounded(Number(bytes) / count / 1024, 1)} KiB`,
      details: { workflows: count, bytes: Number(bytes) },
    },
  ];
  if (quick) return result;
  await sleep(COUNTERS_SETTLE_MS);
  const after = await rowsWritten(nyxDatabase);
  const [inserted, updated, deleted] = ['inserted', 'updated', 'deleted'].map((key) =>
    rounded((after[key] - before[key]) / count, 1),
  );
  result.push({
    figure: 'rows per direct workflow',
    value: `${inserted} inserted, ${updated} updated, ${deleted} deleted`,
    details: { inserted, updated, deleted },
  });
  return result;
}
