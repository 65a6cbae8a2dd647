import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';
import { newTestFolder } from './test-cluster.js';
import { until } from './until.js';

const OURS = resolve(import.meta.dirname, '../../deploy/nginx/nyx.conf');
/** In Compose a name with the addresses of all replicas. Debian's nginx does not know `resolve` (1.27.3), which asks for them again. */
const UPSTREAM = /^( *)server nyx-replica:8000 resolve( [^;]*;)$/m;
const LISTEN = /^( *)listen 8080;$/m;
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** A real nginx with deploy/nginx/nyx.conf, but for its own address and those of the replicas. */
export class Nginx {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  /** @param ports of the replicas, on this machine */
  static async before(ports: readonly number[], change?: (configuration: string) => string): Promise<Nginx> {
    const port = await freePort();
    const args = await argumentsFor(await newTestFolder(), port, ports, change);
    const child = spawn('nginx', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    running.add(child);
    await isUp(child, port);
    return new Nginx(`http://127.0.0.1:${port}`, child);
  }

  /** What it says of its configuration. @throws with that, when it does not take it */
  static async check(change?: (configuration: string) => string): Promise<string> {
    const args = await argumentsFor(await newTestFolder(), await freePort(), [await freePort()], change);
    const { stderr } = await promisify(execFile)('nginx', ['-t', ...args]);
    return stderr;
  }

  async close(): Promise<void> {
    running.delete(this.child);
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'close');
    this.child.kill('SIGTERM');
    await ended;
  }
}

async function argumentsFor(
  folder: string,
  port: number,
  ports: readonly number[],
  change: (configuration: string) => string = (same) => same,
): Promise<string[]> {
  const ours = await readFile(OURS, 'utf8');
  if (!UPSTREAM.test(ours) || !LISTEN.test(ours)) throw new Error(`${OURS} names no replicas, or no port.`);
  const site = ours
    .replace(UPSTREAM, (_line, indent: string, rest: string) =>
      ports.map((replica) => `${indent}server 127.0.0.1:${replica}${rest}`).join('\n'),
    )
    .replace(LISTEN, `$1listen 127.0.0.1:${port};`);
  await mkdir(join(folder, 'temporary'));
  await writeFile(join(folder, 'nyx.conf'), change(site));
  await writeFile(join(folder, 'nginx.conf'), around(folder));
  return ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'];
}

/** As the image has it around ours, but that everything is in the folder, and one process whose end is its end. */
const around = (folder: string): string => `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events { worker_connections 1024; }
http {
  access_log off;
${TEMPORARY.map((name) => `  ${name}_temp_path ${folder}/temporary/${name};`).join('\n')}
  include nyx.conf;
}
`;

async function isUp(child: ChildProcess, port: number): Promise<void> {
  let ended: string | undefined;
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.once('error', (error) => (ended = error.message));
  child.once('close', () => (ended ??= said));
  await until('nginx listens', async () => {
    if (ended !== undefined) throw new Error(`nginx ended: ${ended}`);
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    return isOpen;
  });
}
