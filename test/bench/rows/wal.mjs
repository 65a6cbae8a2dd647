import { setTimeout as sleep } from 'node:timers/promises';
import { median, rounded } from '../statistics.mjs';
import { direct, inParallel } from '../workloads.mjs';

/** Sessions report their counters when they have been idle for ten seconds. */
const COUNTERS_SETTLE_MS = 11_000;

const rowsWritten = (database) =>
  database.one(
    `SELECT sum(n_tup_ins)::int AS inserted, sum(n_tup_upd)::int AS updated, sum(n_tup_del)::int AS deleted
       FROM pg_stat_user_tables`,
  );

const FIGURE = 'WAL per direct workflow';
/** A rise over this needs a reason in the change that brings it. */
const MOST_RISE = 1.1;

/** In KiB, by the last full run; a quick one is held against none. */
const markOf = (last) => {
  const known = last?.rows.find(({ figure }) => figure === FIGURE);
  if (known === undefined) return undefined;
  return (median(known.details.bytesOfRounds) * MOST_RISE) / 1024;
};

/**
 * What a direct workflow writes. The median of rounds, for one pass of autovacuum writes whole pages, of every table, and comes in some
 * runs and not in others.
 */
export default async function wal({ server, nyx, nyxDatabase, rounds, quick, last }) {
  const count = quick ? 10 : 100;
  const position = async () => (await server.one('SELECT pg_current_wal_lsn() AS lsn')).lsn;
  const round = async () => {
    const before = await position();
    await inParallel(count, 1, (number) => nyx.client.run(direct(number)));
    const { bytes } = await server.one('SELECT pg_wal_lsn_diff($1, $2)::bigint AS bytes', [await position(), before]);
    return Number(bytes) / count;
  };
  await server.pool.query('CHECKPOINT');
  await round();
  if (!quick) await sleep(COUNTERS_SETTLE_MS);
  const before = await rowsWritten(nyxDatabase);
  const bytes = [];
  for (let done = 0; done < rounds; done++) bytes.push(await round());
  const written = median(bytes) / 1024;
  const mark = markOf(last);
  const result = [
    {
      figure: FIGURE,
      value: `${rounded(written, 1)} KiB`,
      ...(mark !== undefined && { mark: `<= ${rounded(mark, 1)} KiB (last run + 10 %)`, meets: written <= mark }),
      details: { workflows: count, bytesOfRounds: bytes.map((each) => rounded(each, 0)) },
    },
  ];
  if (quick) return result;
  await sleep(COUNTERS_SETTLE_MS);
  const after = await rowsWritten(nyxDatabase);
  const [inserted, updated, deleted] = ['inserted', 'updated', 'deleted'].map((key) =>
    rounded((after[key] - before[key]) / (count * rounds), 1),
  );
  result.push({
    figure: 'rows per direct workflow',
    value: `${inserted} inserted, ${updated} updated, ${deleted} deleted`,
    details: { inserted, updated, deleted },
  });
  return result;
}
