import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '../../config/error-code.js';
import { ownGroups, VERSION_1, VERSION_2, type GroupFiles, type GroupLimits } from './control-groups.rules.js';
import { isAbandoned, ownedPrefix } from './owned-names.js';

const REMOVAL_TRIES = 50;
const REMOVAL_PAUSE_MS = 20;

/** Where groups can be made: one folder a controller, the same for both in version 2. */
interface Place {
  readonly files: GroupFiles;
  readonly memory: string;
  readonly pids: string;
}

/** What the kernel counts and limits together: all processes of one sandbox. */
export interface ControlGroup {
  /** With all that it starts from then on. @throws Error of the file system */
  take(pid: number): void;
  /** Whether the kernel ended processes of it because they had too much memory. */
  ranOutOfMemory(): boolean;
  /** When nothing runs in it any more. */
  remove(): Promise<void>;
}

/** Nothing here waits for a disk, and a round through the threads for each call would take longer than all of them. */
export class ControlGroups {
  private readonly prefix = ownedPrefix();
  private made = 0;

  private constructor(private readonly place: Place) {}

  /** @returns undefined where this process may make none, as an ordinary user mostly */
  static async find(): Promise<ControlGroups | undefined> {
    const files = ['/proc/self/mountinfo', '/proc/self/cgroup'].map((path) => readFile(path, 'utf8').catch(() => ''));
    const [mountInfo = '', groups = ''] = await Promise.all(files);
    const own = ownGroups(mountInfo, groups);
    const [memory, pids] = [own.byController.get('memory'), own.byController.get('pids')];
    const places: Place[] = memory && pids ? [{ files: VERSION_1, memory, pids }] : [];
    if (own.unified) {
      // A group with processes in it cannot hand controllers on, but for the root: then the one above may be ours.
      for (const folder of [own.unified, dirname(own.unified)]) {
        await writeFile(join(folder, 'cgroup.subtree_control'), '+memory +pids').catch(() => undefined);
        places.push({ files: VERSION_2, memory: folder, pids: folder });
      }
    }
    for (const place of places) {
      const found = new ControlGroups(place);
      if (await found.works()) return found;
    }
    return undefined;
  }

  private async works(): Promise<boolean> {
    try {
      const group = this.make({ memoryBytes: 2 ** 30, processes: 100 });
      await group.remove();
      return true;
    } catch {
      return false;
    }
  }

  /** @throws Error of the file system; then nothing is left of it */
  make(limits: GroupLimits): ControlGroup {
    const { files, memory, pids } = this.place;
    const name = `${this.prefix}${this.made++}`;
    const folders = [...new Set([join(memory, name), join(pids, name)])];
    const remove = async (): Promise<void> => {
      for (const folder of folders) await removeGroup(folder);
    };
    try {
      for (const folder of folders) mkdirSync(folder);
      for (const { controller, file, value, isOptional } of files.limits) {
        try {
          write(join(this.place[controller], name, file), value(limits));
        } catch (error) {
          if (!isOptional) throw error;
        }
      }
    } catch (error) {
      void remove();
      throw error;
    }
    const take = (pid: number): void => {
      for (const folder of folders) write(join(folder, 'cgroup.procs'), pid);
    };
    return { take, remove, ranOutOfMemory: () => hadKills(join(memory, name, files.outOfMemory)) };
  }

  /** Ends and removes what processes left behind that are gone. */
  async sweep(): Promise<void> {
    for (const folder of new Set([this.place.memory, this.place.pids])) {
      for (const name of (await readdir(folder)).filter(isAbandoned)) {
        const group = join(folder, name);
        const pids = await readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => '');
        for (const pid of pids.split('\n').filter((line) => line !== '')) kill(Number(pid));
        await removeGroup(group);
      }
    }
  }
}

function write(path: string, value: number): void {
  writeFileSync(path, String(value), { flag: 'r+' });
}

function hadKills(path: string): boolean {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? 0) > 0;
  } catch {
    return false;
  }
}

/** The kernel may hold it for a moment after the last process is gone. What cannot be removed is swept by the next start. */
async function removeGroup(folder: string): Promise<void> {
  for (let tries = 0; tries < REMOVAL_TRIES; tries++) {
    try {
      rmdirSync(folder);
      return;
    } catch (error) {
      if (codeOf(error) !== 'EBUSY') return;
      await delay(REMOVAL_PAUSE_MS);
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
