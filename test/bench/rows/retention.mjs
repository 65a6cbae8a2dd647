import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startNyx } from '../nyx-process.mjs';
import { rounded } from '../statistics.mjs';
import { direct, inParallel } from '../workloads.mjs';

const LOOK_EVERY_MS = 20;

/** Old workflows a second from the ready line to the last one, the waits between sweeps included. */
async function erasedPerSecond(server, name, workflows, env) {
  const databaseUrl = await server.createDatabase(name);
  const before = await startNyx({ databaseUrl });
  await inParallel(workflows, 16, (number) => before.client.run(direct(number)));
  await before.stop();
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1, application_name: 'bench' });
  let nyx;
  try {
    await pool.query(
      `UPDATE workflows SET created_at = created_at - interval '400 days', completed_at = completed_at - interval '400 days'`,
    );
    const left = async () => (await pool.query('SELECT count(*)::int AS n FROM workflows')).rows[0].n;
    nyx = await startNyx({ databaseUrl, env });
    let [seenMs, seen] = [performance.now(), await left()];
    const first = seen;
    const startedAt = seenMs;
    while (seen > 0) {
      await sleep(LOOK_EVERY_MS);
      const now = await left();
      if (now < seen) [seenMs, seen] = [performance.now(), now];
      else if (performance.now() - seenMs > 60_000)
        throw new Error(`Nothing was erased for a minute; ${now} are left.`);
    }
    return (first * 1000) / (seenMs - startedAt);
  } finally {
    await nyx?.stop();
    await pool.end();
  }
}

/** How fast one replica erases what is too old, beside which it has nothing to do. */
export default async function retention({ server, quick }) {
  const workflows = quick ? 20 : 2_000;
  const archive = await mkdtemp(join(tmpdir(), 'nyx-bench-archive-'));
  try {
    const plain = await erasedPerSecond(server, 'retention', workflows, {});
    const archived = await erasedPerSecond(server, 'retention_archive', workflows, { NYX_ARCHIVE_DIR: archive });
    return [
      {
        figure: 'direct workflows that retention erases',
        value: `${rounded(plain, 0)} /s; with an archive ${rounded(archived, 0)} /s`,
        details: { workflows, perSecond: plain, archivedPerSecond: archived },
      },
    ];
  } finally {
    await rm(archive, { recursive: true, force: true });
  }
}
