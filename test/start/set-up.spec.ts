import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { newTestFolder } from '../support/test-cluster.js';

const ROOT = resolve(import.meta.dirname, '../..');
const SET_UP = 'src/cli/setup.mjs';
const execute = promisify(execFile);

interface Package {
  readonly scripts: Readonly<Record<string, string>>;
}

/** A clone whose npm and whose build only say how they were called. */
async function bareClone(): Promise<(...options: string[]) => Promise<string>> {
  const folder = await newTestFolder();
  const write = async (path: string, content: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  };
  await mkdir(join(folder, 'src/cli'), { recursive: true });
  await cp(join(ROOT, SET_UP), join(folder, SET_UP));
  await write('package.json', '{"type":"module"}');
  await write('package-lock.json', '{}');
  const says = (what: string): string => `console.error('${what}', ...process.argv.slice(2));`;
  const fakes = {
    'npm.js': `${says('npm')} import fs from 'fs'; fs.writeFileSync('node_modules/.package-lock.json', '{}');`,
    'node_modules/@nestjs/cli/bin/nest.js': `${says('nest')} import fs from 'fs'; fs.rmSync('dist', { recursive: true, force: true }); fs.mkdirSync('dist');`,
    'bundle.mjs': says('bundle'),
  };
  for (const [path, content] of Object.entries(fakes)) await write(path, content);
  return async (...options) => {
    const env = { PATH: process.env.PATH, TMPDIR: folder, npm_execpath: join(folder, 'npm.js') };
    return (await execute(process.execPath, [join(folder, SET_UP), ...options], { env })).stderr;
  };
}

describe('the set-up step', () => {
  it('refuses an old Node', async () => {
    const old = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'18.20.4'})`;
    const attempt = execute(process.execPath, ['--import', old, join(ROOT, SET_UP)]);
    await expect(attempt).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^NYX needs Node 20\.19, 22\.12 or newer, and this is Node 18\.20\.4[^\n]*\n$/,
      ) as string,
    });
  });

  it('does nothing when there is nothing to do', async () => {
    const { stdout, stderr } = await execute(process.execPath, [join(ROOT, SET_UP), '--no-build']);
    expect(stdout + stderr).toBe('');
  });

  it('installs without the warnings of packages, and builds, each once', async () => {
    const setUp = await bareClone();
    expect(await setUp('--no-build')).toBe('Installing packages …\nnpm ci --no-audit --no-fund --loglevel=error\n');
    expect(await setUp()).toBe('Building …\nnest build\nBundling …\nbundle\n');
    expect(await setUp()).toBe('');
  });

  it('builds in any case when that is asked for, and knows of it at the next start', async () => {
    const setUp = await bareClone();
    await setUp();
    expect(await setUp('--build')).toBe('Building …\nnest build\nBundling …\nbundle\n');
    expect(await setUp()).toBe('');
  });

  it('comes before all that package.json runs, so that it runs in a bare clone', async () => {
    const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Package;
    expect(scripts.build).toBe(`node ${SET_UP} --build`);
    const bare = Object.entries(scripts).filter(([, command]) => !/^(exec )?node src\/cli\/setup\.mjs /.test(command));
    // What the tests run by when it has been.
    expect(bare.map(([name]) => name)).toEqual(['jest']);
  });
});
