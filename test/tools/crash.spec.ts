import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { newId } from '../../src/database/ids.js';
import { Recovery } from '../../src/durable/recovery.service.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { newTestFolder } from '../support/test-cluster.js';
import { until } from '../support/until.js';
import { done } from './test-tools.js';
import type { HostedRun } from './tool-host.js';
import { ToolsRoom } from './tools-room.js';

const LOADER = pathToFileURL(join(import.meta.dirname, '../support/typescript-loader.mjs')).href;
const HOST = join(import.meta.dirname, 'tool-host.ts');
const WITH_TYPESCRIPT = `data:text/javascript,import{register}from"node:module";register(${JSON.stringify(LOADER)})`;

let database: TestDatabase;
let room: ToolsRoom;
let child: ChildProcess | undefined;

beforeAll(async () => {
  database = await createTestDatabase();
  room = await ToolsRoom.start({ database: { url: database.url } });
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await room.close();
  await database.drop();
});

/** Runs the tools in a process of their own and kills it when all of them have acted. @returns what they wrote */
async function killWhileActing(runs: HostedRun['runs']): Promise<() => Promise<string[]>> {
  const dataDir = await newTestFolder();
  const actsIn = join(dataDir, 'acts');
  const acts = async (): Promise<string[]> =>
    (await readFile(actsIn, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  const task: HostedRun = { databaseUrl: database.url, dataDir, actsIn, runs };
  child = spawn(process.execPath, ['--import', WITH_TYPESCRIPT, HOST, JSON.stringify(task)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const exited = once(child, 'exit');
  await until('the tools act', async () => (await acts()).length === runs.length, 120_000);
  child.kill('SIGKILL');
  await exited;
  return acts;
}

it('a run whose process is killed is unknown and not repeated, unless it may be', async () => {
  const agent = await room.agent();
  const [once, repeatable] = [newId(), newId()];
  const person = { kind: 'person', principalId: 'somebody', role: 'operator' } as const;
  const acts = await killWhileActing([
    { toolName: 'acting', caller: agent, executionId: once },
    { toolName: 'repeatable', caller: agent, executionId: repeatable },
    { toolName: 'by_hand', caller: person },
  ]);
  expect(await room.rows('acting')).toMatchObject([{ status: 'running', completed_at: null }]);

  // The step of the workflow, in the process that took it over.
  const tools = [room.add('acting', () => done), room.add('repeatable', () => done, { isRepeatable: true })];
  const told: string[] = [];
  const commit = (_tx: unknown, { status }: { status: string }): Promise<void> =>
    Promise.resolve(void told.push(status));
  const unknown = await room.run(agent, 'acting', { executionId: once, commit });
  expect(unknown).toMatchObject({ status: 'unknown', success: false, executionId: once });
  expect(await room.run(agent, 'acting', { executionId: once, commit })).toEqual(unknown);
  expect(await room.run(agent, 'repeatable', { executionId: repeatable, commit })).toMatchObject({
    status: 'succeeded',
  });
  expect(told).toEqual(['unknown', 'succeeded']);
  expect(tools.map(({ runs }) => runs)).toEqual([0, 1]);
  expect(await room.rows('repeatable')).toMatchObject([{ status: 'succeeded', retry_count: 1 }]);
  expect(await acts()).toHaveLength(3);

  // Nobody comes again for a person's: the sweep ends it.
  await room.database.query(
    `UPDATE executors SET last_beat_at = now() - interval '1 minute' WHERE last_beat_at <> (SELECT max(last_beat_at) FROM executors)`,
  );
  const recovery = room.nyx.app.get<Recovery, { sweep(): Promise<void> }>(Recovery);
  const isFound = async (): Promise<boolean> => {
    await recovery.sweep();
    return (await room.rows('by_hand'))[0]?.status === 'unknown';
  };
  await until('the sweep has found it', isFound, 120_000);
  expect(await room.rows('by_hand')).toMatchObject([
    { success: false, principal_id: 'somebody', error_message: expect.stringContaining('nobody knows') as string },
  ]);
}, 300_000);
