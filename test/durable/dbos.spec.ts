import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as context from '@dbos-inc/dbos-sdk/internal/context';
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import { DBOSUnexpectedStepError } from '@dbos-inc/dbos-sdk/internal/error';
import { SystemDatabase } from '@dbos-inc/dbos-sdk/internal/system_database';
import { wfQueueRunner } from '@dbos-inc/dbos-sdk/internal/wfqueue';

const ROOT = join(import.meta.dirname, '../..');

/** What we use of DBOS beyond its public interface: an upgrade has to look at each of these again. */
describe("the durable engine's internals", () => {
  it('are those of the version that package.json pins', async () => {
    const read = async (path: string): Promise<Record<string, unknown>> =>
      JSON.parse(await readFile(join(ROOT, path), 'utf8')) as Record<string, unknown>;
    const wanted = (await read('package.json')).dependencies as Record<string, string>;
    const installed = await read('node_modules/@dbos-inc/dbos-sdk/package.json');
    expect(wanted['@dbos-inc/dbos-sdk']).toBe('5.3.0');
    expect(installed.version).toBe('5.3.0');
  });

  it('are there', () => {
    expect(context.currentOwnerXid).toHaveLength(1);
    expect(context.functionIDGetIncrement).toHaveLength(0);
    expect(context.getCurrentContextStore).toHaveLength(0);
    expect(context.runInStepContext).toHaveLength(4);
    expect(Object.getOwnPropertyNames(DBOSExecutor.prototype)).toContain('recoverPendingWorkflows');
    expect(DBOSExecutor).toHaveProperty('reviveResultOrError');
    expect(new DBOSUnexpectedStepError('id', 1, 'expected', 'recorded').message).toContain('recorded was recorded');
    const ofDatabase = ['getOperationResultAndThrowIfCancelled', 'recordOperationResult', 'recordOperationError'];
    expect(Object.getOwnPropertyNames(SystemDatabase.prototype)).toEqual(
      expect.arrayContaining([
        ...ofDatabase,
        'checkForRunningWorkflow',
        'countRunningWorkflowsForQueue',
        'findAndMarkStartableWorkflows',
      ]),
    );
    const ofRunner = Object.getOwnPropertyNames(Object.getPrototypeOf(wfQueueRunner));
    expect(ofRunner).toEqual(expect.arrayContaining(['pollQueue', 'stop']));
    expect(wfQueueRunner).toHaveProperty('isRunning', false);
  });

  it('are imported by two files', async () => {
    const files = await readdir(join(ROOT, 'src'), { recursive: true });
    const importers: string[] = [];
    for (const file of files.filter((name) => name.endsWith('.ts'))) {
      if ((await readFile(join(ROOT, 'src', file), 'utf8')).includes('@dbos-inc/')) importers.push(file);
    }
    expect(importers.sort()).toEqual([join('durable', 'dbos-queues.ts'), join('durable', 'dbos.ts')]);
  });
});
