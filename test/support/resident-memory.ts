import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { WebSocket, type MessageEvent } from 'undici';
import type { NyxProcess } from './process.js';

/** What a process is started with so that `residentMibOf` can ask it to collect. */
export const WITH_INSPECTOR = '--inspect=127.0.0.1:0';
const INSPECTOR = /Debugger listening on (ws:\/\/\S+)/;

/**
 * MiB in memory once V8 has collected: with much memory in the machine it lets garbage become several times what lives
 * before it does so by itself, and how much lies there at one moment says nothing of what NYX holds.
 */
export async function residentMibOf(nyx: NyxProcess): Promise<number> {
  await collect(nyx);
  const status = await readFile(`/proc/${nyx.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

async function collect(nyx: NyxProcess): Promise<void> {
  const url = INSPECTOR.exec(nyx.stderr())?.[1];
  if (url === undefined) throw new Error(`The process was not started with ${WITH_INSPECTOR}.`);
  const inspector = new WebSocket(url);
  const failed = once(inspector, 'close').then(() => Promise.reject(new Error('The inspector of the process closed.')));
  try {
    await Promise.race([once(inspector, 'open'), failed]);
    // Twice: finalizers that the first one ran let go of more.
    for (const id of [1, 2]) {
      inspector.send(JSON.stringify({ id, method: 'HeapProfiler.collectGarbage' }));
      const [answer] = (await Promise.race([once(inspector, 'message'), failed])) as [MessageEvent<string>];
      expect(JSON.parse(answer.data)).toEqual({ id, result: {} });
    }
  } finally {
    failed.catch(() => undefined);
    inspector.close();
  }
}
