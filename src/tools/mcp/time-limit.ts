import { createContext, Script, type Context } from 'node:vm';
import { codeOf } from '../../config/error-code.js';

/** A computation was stopped where it stood. */
export class TookTooLong extends Error {
  constructor(timeoutMs: number) {
    super(`It took longer than ${timeoutMs} ms.`);
    this.name = 'TookTooLong';
  }
}

const MAX_ATTEMPTS = 4;
/** Of the time that went by: less, and the machine gave the time to others. */
const OWN_SHARE = 0.5;

const script = new Script('task()');
let context: Context | undefined;

/**
 * Runs something synchronous that strangers can make slow, such as a regular expression of theirs, and stops it in the middle when it
 * takes too long. What it worked on may be half done then and is to be thrown away. It begins again, a few times, when it was not the
 * task that took the time: a busy machine is nobody's fault.
 * @throws TookTooLong, and what the task throws
 */
export function withinTime<T>(timeoutMs: number, task: () => T): T {
  for (let attempt = 1; ; attempt += 1) {
    const before = process.cpuUsage();
    try {
      return once(timeoutMs, task);
    } catch (error) {
      if (codeOf(error) !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    }
    const { user, system } = process.cpuUsage(before);
    if (attempt === MAX_ATTEMPTS || (user + system) / 1000 > timeoutMs * OWN_SHARE) throw new TookTooLong(timeoutMs);
  }
}

function once<T>(timeoutMs: number, task: () => T): T {
  context ??= createContext(Object.create(null) as Context);
  const results: T[] = [];
  context.task = (): void => {
    results.push(task());
  };
  try {
    script.runInContext(context, { timeout: timeoutMs });
  } finally {
    context.task = undefined;
  }
  return results[0] as T;
}
