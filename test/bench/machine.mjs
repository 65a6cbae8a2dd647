import { arch, cpus, release, totalmem, type } from 'node:os';
import process from 'node:process';
import { rounded } from './statistics.mjs';

/** What the numbers were taken on. */
export async function describeMachine(server) {
  const { version } = await server.one(`SELECT current_setting('server_version') AS version`);
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memory_gib: rounded(totalmem() / 2 ** 30, 1),
    os: `${type()} ${release()} ${arch()}`,
    node: process.version,
    postgresql: `${version} (embedded, its defaults)`,
  };
}
