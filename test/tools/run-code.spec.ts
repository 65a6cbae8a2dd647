import { readdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunCodeTool } from '../../src/tools/builtin/run-code.tool.js';
import { describeWithSandbox, SandboxRoom } from './sandbox-room.js';
import { runTool, SETTINGS } from './tool-context.js';

const hasPython = existsSync('/usr/bin/python3') || existsSync('/usr/local/bin/python3');

const named = (...paths: string[]): { path: string; content: string }[] => paths.map((path) => ({ path, content: '' }));

async function expectNothingLeft(): Promise<void> {
  const own = (await readdir(tmpdir())).filter((name) => name.startsWith(`nyx-sandbox-${process.pid}-`));
  for (const folder of own) expect((await readdir(join(tmpdir(), folder))).join()).not.toContain('run-');
}

describeWithSandbox('run_code', () => {
  let room: SandboxRoom;
  let tool: RunCodeTool;
  beforeAll(async () => {
    room = await SandboxRoom.open();
    tool = new RunCodeTool(room.sandbox, room.config, SETTINGS);
  });
  afterAll(async () => {
    await room.close();
  });
  afterEach(async () => {
    await room.expectUnharmed();
  });

  it('runs JavaScript, with files in and out, standard input, and the workspace', async () => {
    const code = `
      const fs = require('fs');
      const [first] = fs.readFileSync('data/in.csv', 'utf8').split(',');
      console.log(first, fs.readFileSync(0, 'utf8'), process.cwd());
      fs.writeFileSync('data/out.txt', 'made');
      fs.writeFileSync('binary', Buffer.from([0, 1, 255]));
      fs.writeFileSync('large.txt', 'x'.repeat(300_000));
      fs.symlinkSync('/etc/passwd', 'link');
      fs.writeFileSync('/workspace/kept', 'kept');
      try { require('typeorm'); console.log('has packages') } catch {}`;
    const result = await runTool(room, tool, {
      language: 'javascript',
      code,
      stdin: 'input',
      files: [
        { path: 'data/in.csv', content: 'a,b' },
        { path: 'same.txt', content: 'same' },
      ],
    });
    expect(result).toMatchObject({ success: true, stdout: 'a input /private\n' });
    const { files } = result.output as { files: { content: string | null }[] };
    expect(files.map((file) => ({ ...file, content: file.content?.slice(0, 9) }))).toEqual([
      { path: 'binary', size_bytes: 3, content: undefined, is_binary: true, is_truncated: false },
      { path: 'data/out.txt', size_bytes: 4, content: 'made', is_binary: false, is_truncated: false },
      { path: 'large.txt', size_bytes: 300_000, content: 'xxxxxxxxx', is_binary: false, is_truncated: true },
    ]);
    expect(await readdir(room.workspace)).toEqual(['kept']);
  });

  it('runs modules, answers the files that are asked for, and leaves nothing of a run to the next', async () => {
    const code = `import { readdirSync, writeFileSync } from 'node:fs';
      console.log(await Promise.resolve(readdirSync('.').join()));
      for (const name of ['a', 'b']) writeFileSync(name, name);`;
    const result = await runTool(room, tool, { language: 'javascript', code, output_files: ['b', 'none'] });
    expect(result.stdout).toBe('main.js\n');
    expect(result.output).toMatchObject({ files: [{ path: 'b', content: 'b' }] });
    await expectNothingLeft();
  });

  (hasPython ? it : it.skip)('runs Python', async () => {
    const code = 'import sys, os\nprint(sum(map(int, sys.stdin)))\nopen("out", "w").write("x")\nsys.exit(4)';
    expect(await runTool(room, tool, { language: 'python', code, stdin: '1\n2\n' })).toMatchObject({
      success: false,
      exitCode: 4,
      stdout: '3\n',
      output: { files: [{ path: 'out', content: 'x' }] },
    });
  });

  it('survives what code leaves: folders without end, pipes, thousands of files', async () => {
    const code = `
      const fs = require('fs');
      // Deeper than any path can be.
      for (let depth = 0; depth < 300; depth++) { fs.mkdirSync('d'.repeat(200)); process.chdir('d'.repeat(200)); }
      process.chdir('/private');
      for (let n = 0; n < 3000; n++) fs.writeFileSync('f' + n, '');
      require('child_process').execSync('mkfifo pipe; ln -s / root; ln -s loop loop; touch -- -rf "two\\nlines"; chmod 000 f1');`;
    const result = await runTool(room, tool, { language: 'javascript', code });
    expect(result.success).toBe(true);
    expect((result.output as { files: unknown[] }).files).toHaveLength(100);
    await expectNothingLeft();
  });

  it.each([
    [{ files: named('../up') }, 'files'],
    [{ files: named('/etc/passwd') }, 'files'],
    [{ files: named('a//b') }, 'files'],
    [{ files: named('a', 'a/b') }, 'files'],
    [{ files: named('a', 'a') }, 'files'],
    [{ files: named('main.js') }, 'files'],
    [{ files: named('a\0') }, 'files'],
    [{ output_files: ['..'] }, 'output_files'],
  ])('refuses names that make no sense: %#', (more, field) => {
    expect(tool.check({ language: 'javascript', code: '1', ...more })).toMatchObject([{ field }]);
  });
});
