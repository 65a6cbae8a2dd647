import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createTestDatabase } from '../support/database.js';
import { startModelServer, type ModelServer } from '../support/model-server.js';
import { describeWithProgram } from '../support/needed-program.js';
import { cleanUpProcesses, newDataDir } from '../support/process.js';
import { beginWork, contents, endWork, NyxThere, run } from './backup-room.js';

let model: ModelServer;
beforeAll(async () => {
  model = await startModelServer();
});
afterAll(async () => {
  await model.close();
  await cleanUpProcesses();
});

/** Brings a database to another one, by way of a file in a folder. */
type Mover = (from: string, to: string, folder: string) => Promise<void>;

/** While NYX runs on the first; then one starts on the second. */
async function moves(move: Mover): Promise<void> {
  const [source, target] = [await createTestDatabase({ empty: true }), await createTestDatabase({ empty: true })];
  const folder = await newDataDir();
  const first = await NyxThere.start({ dataDir: await newDataDir(), databaseUrl: source.url }, model);
  const work = await beginWork(first, source.url, model);
  await move(source.url, target.url, folder);
  expect(await contents(target.url)).toEqual(await contents(source.url));
  await first.kill();
  const second = await NyxThere.start({ dataDir: await newDataDir(), databaseUrl: target.url }, model);
  await endWork(second, work, model);
  await second.kill();
  await source.drop();
  await target.drop();
}

it('a database of DATABASE_URL is backed up and restored into another one, where its work goes on', async () => {
  await moves(async (from, to, dataDir) => {
    const file = join(dataDir, 'backup');
    expect(await run('backup', { dataDir, databaseUrl: from }, file)).toMatchObject({ code: 0 });
    const restore = (): ReturnType<typeof run> => run('restore', { dataDir, databaseUrl: to }, file);
    expect(await restore()).toEqual({ code: 0, said: expect.stringContaining('What ran then goes on') as string });
    expect(await restore()).toEqual({
      code: 1,
      said: 'The database is in use already: restore into an empty one.\n',
    });
  });
}, 600_000);

/** A pg_dump refuses a server that is newer than itself, as the embedded one mostly is. */
const isOutside = process.env.TEST_DATABASE_URL !== undefined;
if (!isOutside) process.stderr.write('Not tested without TEST_DATABASE_URL: pg_dump\n');

(isOutside ? describe : describe.skip)('PostgreSQL from outside', () => {
  describeWithProgram('pg_dump', 'its own programs', () => {
    it('move a database to another one, where its work goes on', async () => {
      await moves(async (from, to, folder) => {
        const file = join(folder, 'dump');
        await promisify(execFile)('pg_dump', ['-Fc', '-f', file, from]);
        await promisify(execFile)('pg_restore', ['--exit-on-error', '-d', to, file]);
      });
    }, 600_000);
  });
});
