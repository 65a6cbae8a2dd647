import { execFile } from 'node:child_process';
import { readdir, truncate } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Chaos } from '../chaos/chaos-fixture.js';
import { createTestDatabase } from '../support/database.js';
import { cleanUpProcesses, newDataDir } from '../support/process.js';
import { until } from '../support/until.js';

const PROGRAM = resolve('dist/programs/restore.js');

afterAll(cleanUpProcesses);

it('`restore --archive` puts back beside a running NYX what retention took, and says in one sentence why it cannot', async () => {
  const database = await createTestDatabase();
  const chaos = await Chaos.on(database.url, () => database.drop());
  const folder = await newDataDir();
  const archive = join(folder, 'archive');
  const restore = async (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
    const options = { cwd: folder, env: { PATH: process.env.PATH, DATABASE_URL: database.url, NYX_DATA_DIR: folder } };
    return promisify(execFile)(process.execPath, [PROGRAM, ...args], options).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: unknown) => error as { code: number; stdout: string; stderr: string },
    );
  };
  const refusal = (sentence: RegExp): object => ({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(sentence) as string,
  });
  try {
    const first = await chaos.startNyx();
    const id = await chaos.accept(first, 'Compare tea with coffee.', {});
    await chaos.untilEnded([id]);
    const before = await chaos.workflow(first, id);
    first.kill();
    await first.exited;
    await chaos.sql.query(
      `UPDATE workflows SET created_at = created_at - $2::interval, started_at = started_at - $2::interval, completed_at = completed_at - $2::interval
        WHERE id = $1`,
      [id, '40 days'],
    );
    const nyx = await chaos.startNyx({ NYX_ARCHIVE_DIR: archive, RETENTION_WORKFLOWS_DAYS: '30' });
    const files = async (): Promise<string[]> =>
      (await readdir(archive, { recursive: true })).filter((name) => name.includes(id));
    await until('it is archived and erased', async () => {
      const { rows } = await chaos.sql.query('SELECT 1 FROM workflows WHERE id = $1', [id]);
      return rows.length === 0;
    });
    const [file = ''] = (await files()).map((name) => join(archive, name));

    const [put, again] = [await restore('--archive', file), await restore('--archive', file)];
    const said =
      /^Put back (\d+) rows that were archived at \S+; (\d+) were there\. They are as old as before: .+\.\n$/;
    const counts = [put, again].map(({ stdout }) => said.exec(stdout)?.slice(1).map(Number));
    // What is spent of its budget had stayed.
    const [[rows = 0] = []] = counts;
    expect(counts).toEqual([
      [rows, 1],
      [0, rows + 1],
    ]);
    expect([put, again]).toMatchObject(Array(2).fill({ code: 0, stderr: '' }));
    const { status, result, cost_usd } = await chaos.workflow(nyx, id);
    expect({ status, result, cost_usd }).toEqual({
      status: before.status,
      result: before.result,
      cost_usd: before.cost_usd,
    });

    expect(await restore('--archive')).toMatchObject(refusal(/^Usage: [^\n]+ --archive [^\n]+\n$/));
    expect(await restore('--archive', file, file)).toMatchObject(refusal(/^Usage: [^\n]+\n$/));
    expect(await restore('--archive', 'nothing')).toMatchObject(
      refusal(/^The file \S+\/nothing cannot be read \(ENOENT\)\.\n$/),
    );
    // Not taken for a backup, and a backup is not an archive.
    expect(await restore(file)).toMatchObject(refusal(/^[^\n]+\.\n$/));
    await truncate(file, 100);
    expect(await restore('--archive', file)).toMatchObject(
      refusal(/^The file \S+ is no whole archive of NYX: [^\n]+\.\n$/),
    );
  } finally {
    await chaos.end();
  }
}, 180_000);
