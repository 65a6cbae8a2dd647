import { execFile } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

const READY = 'ready\n';
const TIMEOUT_MS = 10_000;
/** It keeps what the machine has mounted. */
const KEPT_MS = 30_000;
/** Stays until its standard input ends, by our hand or with us. */
const COMMAND = [
  // What the machine unmounts is let go of, where it tells.
  ...['--mount', '--propagation', 'slave', '--'],
  ...['/bin/sh', '-c', 'mount -o bind,ro /dev /dev && echo ready && exec cat'],
];

/**
 * The machine's root owns its devices, so that as root also a program in the sandbox could change who may use them. So its sandboxes are made
 * in a namespace where these are mounted read-only, which for devices still means that they can be written to. That takes
 * two programs more, so one is made for many that follow each other, and another when the mounts of this process have changed.
 */
export class ReadOnlyDevices {
  private mounts: string | undefined;
  /** The descriptor by which it lasts. */
  private namespace: Promise<number> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly searchPath: string) {}

  /**
   * @returns a descriptor of the namespace, which the caller closes
   * @throws Error with what the machine said against it
   */
  async open(): Promise<number> {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
    if (this.namespace === undefined || mounts !== this.mounts) {
      this.close();
      this.mounts = mounts;
      this.namespace = makeNamespace(this.searchPath);
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.close(), KEPT_MS).unref();
    const { namespace } = this;
    try {
      return openSync(`/proc/self/fd/${await namespace}`, 'r');
    } catch (error) {
      if (this.namespace === namespace) this.close();
      throw error;
    }
  }

  close(): void {
    clearTimeout(this.timer);
    this.namespace?.then(closeSync, () => undefined);
    this.namespace = undefined;
  }
}

async function makeNamespace(searchPath: string): Promise<number> {
  const child = execFile('unshare', COMMAND, { env: { PATH: searchPath }, timeout: TIMEOUT_MS });
  let said = '';
  child.stderr?.on('data', (text: string) => (said += text));
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => reject(new Error(said || `unshare ended with ${code ?? 'a signal'}`)));
      child.stdout?.on('data', (text: string) => {
        if (text === READY) resolve();
      });
    });
    return openSync(`/proc/${child.pid}/ns/mnt`, 'r');
  } finally {
    child.stdin?.end();
  }
}
