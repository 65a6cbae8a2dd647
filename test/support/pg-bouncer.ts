import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { newTestFolder } from './test-cluster.js';

const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** A real PgBouncer before the server of a database. */
export class PgBouncer {
  private constructor(
    /** The database, through it. */
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  /** @param settings more of its section [pgbouncer] */
  static async before(databaseUrl: string, settings: Readonly<Record<string, string>>): Promise<PgBouncer> {
    const target = new URL(databaseUrl);
    const port = await freePort();
    const file = join(await newTestFolder(), 'pgbouncer.ini');
    await writeFile(file, configuration(target, port, settings));
    const child = spawn('pgbouncer', [file], { ...account(), stdio: ['ignore', 'ignore', 'pipe'] });
    running.add(child);
    await isUp(child);
    const url = new URL(target);
    url.host = `127.0.0.1:${port}`;
    url.password = 'none';
    return new PgBouncer(url.href, child);
  }

  async close(): Promise<void> {
    const ended = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await ended;
    running.delete(this.child);
  }
}

const configuration = (target: URL, port: number, settings: Readonly<Record<string, string>>): string => {
  const password = target.password === '' ? '' : ` password=${decodeURIComponent(target.password)}`;
  return [
    '[databases]',
    `* = host=${target.hostname} port=${target.port || '5432'} user=${decodeURIComponent(target.username)}${password}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    ...Object.entries(settings).map(([name, value]) => `${name} = ${value}`),
    '',
  ].join('\n');
};

/** It refuses root. */
function account(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function isUp(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('process up')) resolve();
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(`PgBouncer ended: ${said}`)));
  });
}
