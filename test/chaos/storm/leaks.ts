import { readdir, readFile } from 'node:fs/promises';
import type pg from 'pg';

/** What a tool of the storm leaves running behind it sleeps for so long: nothing else does. */
export const ORPHAN_SECONDS = 77_777;
/** Sessions of one replica, as docs/operations.md has it. */
const MOST_SESSIONS = 25;
/** What an idle replica holds of each of its pools: DBOS listens on one. */
const HELD: Readonly<Record<string, number>> = { application: 0, durable: 1 };

/** Programs that a tool left running, and sandboxes of these processes. */
export async function orphansOf(pids: readonly number[]): Promise<string[]> {
  const commands = await Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  const marks = [`sleep\0${ORPHAN_SECONDS}`, ...pids.map((pid) => `nyx-sandbox-${pid}-`)];
  return commands
    .filter((command) => marks.some((mark) => command.includes(mark)))
    .map((command) => `a process: ${command.replaceAll('\0', ' ').slice(0, 200)}`);
}

/** Whether there are more sessions than so many replicas may have. */
export async function tooManySessions(sql: pg.Pool, replicas: number): Promise<string[]> {
  const { rows } = await sql.query<{ name: string; count: number }>(
    `SELECT application_name AS name, count(*)::int FROM pg_stat_activity
      WHERE backend_type = 'client backend' AND application_name <> 'storm' GROUP BY 1`,
  );
  const all = rows.reduce((sum, { count }) => sum + count, 0);
  return all <= replicas * MOST_SESSIONS ? [] : rows.map(({ name, count }) => `${count} sessions of ${name}`);
}

/** Connections that an idle replica took from its pools and did not give back. `metrics`: what its /metrics says */
export function heldConnections(name: string, metrics: string): string[] {
  const sampleOf = (pool: string, state: string): number =>
    Number(
      new RegExp(`^nyx_database_pool_connections\\{pool="${pool}",state="${state}"\\} (\\d+)$`, 'm').exec(metrics)?.[1],
    );
  return Object.entries(HELD).flatMap(([pool, held]) => {
    const taken = sampleOf(pool, 'total') - sampleOf(pool, 'idle');
    // Not a number: it does not say.
    return taken <= held ? [] : [`${name} holds ${taken} connections of its pool ${pool}, idle ${held}`];
  });
}
