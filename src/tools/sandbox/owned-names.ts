import { readFileSync } from 'node:fs';
import { parseStat } from './usage.rules.js';

const PREFIX = 'nyx-sandbox-';

/** What a process of NYX makes outside itself is named by it, so that the next one knows what was left behind. */
export function ownedPrefix(pid = process.pid): string {
  return `${PREFIX}${pid}-${startOf(pid) ?? 0}-`;
}

/** Whether it has the name of something that a process made which is gone. Pids are used again, together with their start they are not. */
export function isAbandoned(name: string): boolean {
  const [, pid, start] = /^nyx-sandbox-(\d+)-(\d+)-/.exec(name) ?? [];
  return pid !== undefined && startOf(Number(pid)) !== Number(start);
}

function startOf(pid: number): number | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.startTicks;
  } catch {
    return undefined;
  }
}
