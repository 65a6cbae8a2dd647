import { createContext, Script, type Context } from 'node:vm';

/** A computation was stopped where it stood. */
export class TookTooLong extends Error {
  constructor(timeoutMs: number) {
    super(`It took longer than ${timeoutMs} ms.`);
    this.name = 'TookTooLong';
  }
}

const script = new Script('task()');
let context: Context | undefined;

/**
 * Runs something synchronous that strangers can make slow, such as a regular expression of theirs, and stops it in the middle when it
 * takes too long. What it worked on may be half done then and is to be thrown away.
 * @throws TookTooLong, and what the task throws
 */
export function withinTime<T>(timeoutMs: number, task: () => T): T {
  context ??= createContext(Object.create(null) as Context);
  const results: T[] = [];
  context.task = (): void => {
    results.push(task());
  };
  try {
    script.runInContext(context, { timeout: timeoutMs });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw new TookTooLong(timeoutMs);
    throw error;
  } finally {
    context.task = undefined;
  }
  return results[0] as T;
}
