import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { describeWithProgram } from '../support/needed-program.js';
import { cleanUpProcesses, ensureBuilt, MAIN, newDataDir, startNyxProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { doctor } from './doctor-process.js';
import { refusal } from './refusal.js';

afterAll(cleanUpProcesses);

const SECRET = 'k7Jq-2mWz0Rt5Yb8Xc1Vn4Lp9Df3Gh6s';

/** Everything as it is. What else it makes of a folder ends with the process. */
const inView = (...options: readonly string[]): string[] => ['bwrap', '--dev-bind', '/', '/', ...options, '--'];
const smallDisk = (folder: string, bytes: number): string[] =>
  inView('--size', String(bytes), '--perms', '0711', '--tmpfs', folder);
/** A disk of its own with those options, filled by so much; it is gone with the process, and bubblewrap can bound no files. */
const mounted = (folder: string, options: string, fillMiB: number): string[] => [
  ...['unshare', '--mount', '--map-root-user', 'sh', '-ec'],
  'mount -t tmpfs -o "$2" none "$1"; head -c "$3M" /dev/zero >"$1/filler" 2>/dev/null || :; shift 3; exec "$@"',
  ...['sh', folder, options, String(fillMiB)],
];
const readOnly = (folder: string): string[] => inView('--ro-bind', folder, folder);

/** Starts and stops NYX, fills the disk, starts it in vain, makes room, starts and stops it again: all on one disk. */
const FILLED_BETWEEN = `
  node=$1 main=$2 notes=$3
  run() {
    "$node" "$main" >"$notes/$1.out" 2>"$notes/$1.err" & pid=$!
    until grep -q 'NYX listening' "$notes/$1.out"; do kill -0 $pid && sleep 0.1 || break; done
    kill $pid; wait $pid; echo $? >"$notes/$1.code"
  }
  run before
  dd if=/dev/zero of="$NYX_DATA_DIR/filler" bs=64k 2>"$notes/dd"
  "$node" "$main" >"$notes/full.out" 2>"$notes/full.err"; echo $? >"$notes/full.code"
  rm "$NYX_DATA_DIR/filler"
  run after`;

/** Fills the disk under a NYX that runs and waits until it ends; makes room, and starts and stops it again. */
const FILLED_BELOW = `
  node=$1 main=$2 notes=$3
  "$node" "$main" >"$notes/filled.out" 2>"$notes/filled.err" & pid=$!
  until grep -q 'NYX listening' "$notes/filled.out"; do kill -0 $pid && sleep 0.1 || break; done
  cp "$NYX_DATA_DIR/postgres/password" "$NYX_DATA_DIR/postgres/data/postmaster.pid" "$notes"
  touch "$notes/runs"
  until test -e "$notes/connected"; do sleep 0.1; done
  dd if=/dev/zero of="$NYX_DATA_DIR/filler" bs=64k 2>"$notes/dd"
  touch "$notes/full"
  wait $pid; echo $? >"$notes/filled.code"
  rm "$NYX_DATA_DIR/filler"
  "$node" "$main" >"$notes/after.out" 2>"$notes/after.err" & pid=$!
  until grep -q 'NYX listening' "$notes/after.out"; do kill -0 $pid && sleep 0.1 || break; done
  kill $pid; wait $pid; echo $? >"$notes/after.code"`;

describeWithProgram('bwrap', 'NYX on a disk that is no good', () => {
  it('which has no room for a database does not start', async () => {
    const dataDir = await newDataDir();
    expect(await refusal({ dataDir, within: smallDisk(dataDir, 1_000_000) })).toMatch(
      /^The embedded PostgreSQL could not be made in .*: .*No space left on device\.$/m,
    );
  });

  it('which is full does not start, and does when there is room again, with everything that it had', async () => {
    const [dataDir, notes] = [await newDataDir(), await newDataDir()];
    await ensureBuilt();
    const [program = '', ...args] = smallDisk(dataDir, 200_000_000);
    const { PATH, HOME } = process.env;
    await promisify(execFile)(program, [...args, 'sh', '-c', FILLED_BETWEEN, 'sh', process.execPath, MAIN, notes], {
      env: { PATH, HOME, PORT: '0', NYX_DATA_DIR: dataDir },
    });
    const note = (name: string): Promise<string> => readFile(join(notes, name), 'utf8');
    expect([await note('before.code'), await note('full.code'), await note('after.code')]).toEqual([
      '0\n',
      '1\n',
      '0\n',
    ]);
    expect(await note('full.err')).toMatch(
      /^The embedded PostgreSQL did not start: [^\n]*No space left on device; .*\.\n$/,
    );
    expect(await note('before.out')).toContain('This is the first start');
    expect(await note('after.out')).not.toContain('This is the first start');
  }, 240_000);

  it('which has no room for what its database logs ends, and starts when there is with everything that it had', async () => {
    const [dataDir, notes] = [await newDataDir(), await newDataDir()];
    await ensureBuilt();
    const [program = '', ...args] = smallDisk(dataDir, 200_000_000);
    const { PATH, HOME } = process.env;
    const ended = promisify(execFile)(
      program,
      [...args, 'sh', '-c', FILLED_BELOW, 'sh', process.execPath, MAIN, notes],
      {
        env: { PATH, HOME, PORT: '0', NYX_DATA_DIR: dataDir },
      },
    );
    const note = (name: string): Promise<string> => readFile(join(notes, name), 'utf8');
    const isThere = (name: string) => async (): Promise<boolean> => (await readdir(notes)).includes(name);
    await until('it runs', isThere('runs'), 120_000);
    const port = (await note('postmaster.pid')).split('\n')[3] ?? '';
    const sql = new pg.Client({
      connectionString: `postgresql://nyx:${(await note('password')).trim()}@127.0.0.1:${port}/nyx`,
    });
    sql.on('error', () => undefined);
    await sql.connect();
    await writeFile(join(notes, 'connected'), '');
    await until('the disk is full', isThere('full'));
    const log = async (): Promise<never> => {
      for (;;) await sql.query(`SELECT pg_logical_emit_message(false, 'nyx', repeat('x', 4000000))`);
    };
    await expect(log()).rejects.toThrow(/No space left on device|Connection terminated/);
    // What these are refused with while it does not start is in its log, too.
    let isOver = false;
    const knocking = async (): Promise<void> => {
      while (!isOver) {
        const client = new pg.Client({
          host: '127.0.0.1',
          port: Number(port),
          user: 'nyx',
          connectionTimeoutMillis: 1_000,
        });
        client.on('error', () => undefined);
        await client.connect().catch(() => undefined);
        await client.end().catch(() => undefined);
      }
    };
    const knocked = Promise.all([knocking(), knocking(), knocking(), knocking()]);
    await ended;
    isOver = true;
    await knocked;
    expect([await note('filled.code'), await note('after.code')]).toEqual(['1\n', '0\n']);
    expect(await note('filled.out')).toMatch(
      /"fatal"[^\n]+The embedded PostgreSQL did not start: [^\n]*No space left on device;/,
    );
    expect(await note('after.out')).toContain('NYX listening');
    expect(await note('after.out')).not.toContain('This is the first start');
  }, 240_000);

  it('which is read-only does not start, and does when it is no more', async () => {
    const dataDir = await newDataDir();
    expect(await refusal({ dataDir, within: readOnly(dataDir) })).toMatch(/^NYX cannot keep .* NYX_DATA_DIR /);
    expect(await readdir(dataDir)).toEqual([]);
    const nyx = await startNyxProcess({ dataDir });
    nyx.kill();
    await nyx.exited;
    const before = await readdir(join(dataDir, 'postgres', 'data'));
    expect(await refusal({ dataDir, within: readOnly(dataDir) })).toContain(dataDir);
    expect(await readdir(join(dataDir, 'postgres', 'data'))).toEqual(before);
    const again = await startNyxProcess({ dataDir });
    again.kill();
    expect((await again.exited).code).toBe(0);
  }, 240_000);

  it.each([
    ['workspace', 'NYX_WORKSPACE'],
    ['archive', 'NYX_ARCHIVE_DIR'],
  ])(
    'for the %s does not start, makes nothing, and does start when it is no more',
    async (_what, variable) => {
      const [dataDir, elsewhere] = [await newDataDir(), await newDataDir()];
      await writeFile(join(elsewhere, 'kept'), 'as it was');
      const env = { JWT_SECRET: SECRET, [variable]: elsewhere };
      const sentence = `This account may not write to ${elsewhere} (EROFS): make it writable, or set ${variable} to another folder.\n`;
      expect(await refusal({ dataDir, env, within: readOnly(elsewhere) })).toBe(sentence);
      // Nor where it would have to be made.
      const missing = { ...env, [variable]: join(elsewhere, 'a', 'b') };
      expect(await refusal({ dataDir, env: missing, within: readOnly(elsewhere) })).toBe(sentence);
      expect([await readdir(dataDir), await readdir(elsewhere)]).toEqual([[], ['kept']]);
      const nyx = await startNyxProcess({ dataDir, env });
      nyx.kill();
      expect((await nyx.exited).code).toBe(0);
      expect(await readFile(join(elsewhere, 'kept'), 'utf8')).toBe('as it was');
      const before = await readdir(join(dataDir, 'postgres', 'data'));
      expect(await refusal({ dataDir, env, within: readOnly(elsewhere) })).toBe(sentence);
      expect(await readdir(join(dataDir, 'postgres', 'data'))).toEqual(before);
    },
    240_000,
  );

  it('for workspace or archive is seen by the doctor', async () => {
    const dataDir = await newDataDir();
    const elsewhere = join(dataDir, 'elsewhere');
    await mkdir(elsewhere);
    const env = { NYX_WORKSPACE: join(elsewhere, 'workspace'), NYX_ARCHIVE_DIR: join(elsewhere, 'archive') };
    const { code, findings } = await doctor(dataDir, env, readOnly(elsewhere));
    expect(findings).toMatchObject({
      'data folder': expect.stringMatching(/^ok: /) as string,
      workspace: expect.stringMatching(/^WRONG: .* set NYX_WORKSPACE to another folder\.$/) as string,
      archive: expect.stringMatching(/^WRONG: .* set NYX_ARCHIVE_DIR to another folder\.$/) as string,
    });
    expect(code).toBe(1);
  }, 120_000);

  it.each([
    [
      'nearly full',
      'size=1000m',
      0,
      /^WRONG: \S+ can be written; 0\.9 GiB are free\. Make room, or set NYX_WORKSPACE /,
    ],
    ['full', 'size=1m', 2, /^WRONG: \S+ can be written; 0\.0 GiB are free\. Make room, or set NYX_WORKSPACE /],
    [
      'out of files',
      'size=1500m,nr_inodes=900',
      0,
      /^WRONG: .* 1\.4 GiB are free\. .* no room for more files: remove some\.$/,
    ],
    ['large enough', 'size=1500m', 0, /^ok: \S+ can be written; 1\.4 GiB are free\.$/],
  ])(
    'or is %s is told so by the doctor',
    async (_what, options, fillMiB, says) => {
      const dataDir = await newDataDir();
      const disk = join(dataDir, 'disk');
      await mkdir(disk);
      const { code, findings } = await doctor(dataDir, { NYX_WORKSPACE: disk }, mounted(disk, options, fillMiB));
      expect(findings).toMatchObject({
        'data folder': expect.stringMatching(/^ok: /) as string,
        workspace: expect.stringMatching(says) as string,
      });
      expect(code).toBe(String(says).includes('WRONG') ? 1 : 0);
    },
    120_000,
  );

  it.each([
    ['closed', 0o000],
    ['only read', 0o555],
  ])(
    'or may be %s by this account is told so by the doctor',
    async (_what, mode) => {
      const dataDir = await newDataDir();
      const closed = join(dataDir, 'closed');
      await mkdir(closed, { mode });
      const env = { NYX_WORKSPACE: join(closed, 'workspace'), NYX_ARCHIVE_DIR: join(closed, 'archive') };
      // For root they would be open.
      const { code, findings } = await doctor(dataDir, env, inView('--cap-drop', 'ALL'));
      const sentence = `WRONG: This account may not write to ${closed} (EACCES): make it writable, or set`;
      expect([code, findings.workspace, findings.archive]).toEqual([
        1,
        `${sentence} NYX_WORKSPACE to another folder.`,
        `${sentence} NYX_ARCHIVE_DIR to another folder.`,
      ]);
    },
    120_000,
  );
});
