import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ShellCommandTool } from '../../src/tools/builtin/shell-command.tool.js';
import { describeWithSandbox, said, SandboxRoom } from './sandbox-room.js';
import { runTool, SETTINGS } from './tool-context.js';

/** Ways to have `P` run, which tries to get out: by wrappers, interpreters, chaining, quoting, and by programs that run others. */
const WAYS: Readonly<Record<string, string>> = {
  plain: '/workspace/P',
  'env bash -c': "env bash -c '/workspace/P'",
  timeout: 'timeout 5 /workspace/P',
  xargs: 'echo /workspace/P | xargs -n1 sh -c',
  nice: 'nice -n 5 /workspace/P',
  setsid: 'setsid -w /workspace/P',
  'python3 -c': `python3 -c 'import os; os.system("/workspace/P")'`,
  'node -e': `node -e 'require("child_process").execFileSync("/workspace/P")'`,
  'perl -e': `perl -e 'system("/workspace/P")'`,
  awk: `awk 'BEGIN { system("/workspace/P") }'`,
  semicolon: 'true; /workspace/P',
  and: 'true && /workspace/P',
  pipe: 'true | /workspace/P',
  background: '/workspace/P & wait',
  'line break': 'true\n/workspace/P',
  'carriage return': 'true;\r\n/workspace/P',
  substitution: 'echo $(/workspace/P)',
  backticks: 'echo `/workspace/P`',
  'dollar quotes': `bash -c $'\\x2fworkspace/P'`,
  'bash -xc': "bash -xc '/workspace/P'",
  'find -exec': 'find /workspace/P -exec {} ";"',
  'sed e': `echo x | sed 's/x/\\/workspace\\/P/e'`,
  'sed w': `sed -n "w $OUTSIDE/new" /workspace/P; /workspace/P`,
  tar: 'tar cf /dev/null --checkpoint=1 --checkpoint-action=exec=/workspace/P P',
  sort: 'seq 20000 | sort -S 100k --compress-program=/workspace/P; true',
  'git alias': `git -c alias.x='!/workspace/P' x`,
  'git pager': `git -C repo -c core.pager=/workspace/P --paginate log 2>&1; git -C repo -c core.fsmonitor=/workspace/P status`,
  'git hook': `git -C repo -c core.hooksPath=/workspace/hooks commit --allow-empty -m x`,
  'git ext': `git -c protocol.ext.allow=always clone 'ext::/workspace/P' cloned; true`,
  'git --output': `git diff --no-index --output=$OUTSIDE/new /etc/passwd P; git diff --no-index /etc/shadow $SECRET_FILE; /workspace/P`,
  'git of its own first in PATH': 'PATH=/workspace/bin:$PATH; git status',
};

/** Says that it ran, then tries what it must not be able to. */
const PROGRAM = `#!/bin/bash
echo "$(id -u) $(hostname)" >> "/workspace/ran/$WAY"
cat "$SECRET_FILE" "/proc/1/root$SECRET_FILE" /etc/shadow /proc/*/environ 2>&1 | tr -d '\\000'
echo changed > "$SECRET_FILE"
echo new > "$OUTSIDE/new"
exec 3<>"/dev/tcp/127.0.0.1/$PORT" && echo connected
(exec 3<>/dev/udp/127.0.0.1/$PORT; echo x >&3)
setsid sleep 1000 </dev/null >/dev/null 2>&1 3>&- &
true
`;

describeWithSandbox('commands that mean harm', () => {
  let room: SandboxRoom;
  let shell: ShellCommandTool;
  let environment: Record<string, string>;
  beforeAll(async () => {
    room = await SandboxRoom.open();
    shell = new ShellCommandTool(room.sandbox, room.config, SETTINGS);
    for (const folder of ['ran', 'hooks', 'bin']) await mkdir(join(room.workspace, folder));
    for (const file of ['P', 'hooks/pre-commit', 'bin/git', 'bin/bwrap', 'bin/sh', 'bin/env'])
      await writeFile(join(room.workspace, file), PROGRAM, { mode: 0o755 });
    environment = {
      OUTSIDE: room.outside,
      SECRET_FILE: room.secretFile,
      PORT: String(room.port),
      GIT_AUTHOR_NAME: 'x',
      GIT_AUTHOR_EMAIL: 'x@example.com',
      GIT_COMMITTER_NAME: 'x',
      GIT_COMMITTER_EMAIL: 'x@example.com',
    };
    await room.bash('git init -q repo');
  });
  afterAll(async () => {
    await room.close();
  });

  it('run, every way there is, and get nowhere', async () => {
    // All in one sandbox: each has the others' ways to harm as well.
    const script = Object.entries(WAYS)
      .map(([name, way]) => `export WAY='${name}'; (\n${way}\n) </dev/null 2>&1`)
      .join('\n');
    const outcome = await room.bash(script, { environment, timeoutMs: 60_000 });
    await room.expectUnharmed(said(outcome));
    expect(outcome).toMatchObject({ ended: 'exited' });
    expect(said(outcome)).not.toContain('connected');
    const { stdout } = await room.bash('for p in python3 git node; do command -v $p >/dev/null && echo $p; done');
    const hasProgram = (name: string): boolean =>
      !/^(python3|git|node)/.test(name) || stdout.text.includes(/^\w+/.exec(name)?.[0] ?? '');
    expect(await readdir(join(room.workspace, 'ran'))).toEqual(Object.keys(WAYS).filter(hasProgram).sort());
    for (const name of await readdir(join(room.workspace, 'ran')))
      expect(await readFile(join(room.workspace, 'ran', name), 'utf8')).toMatch(/^(1000 sandbox\n)+$/);
  });

  it.each([
    ['LD_PRELOAD', '/workspace/P'],
    ['NODE_OPTIONS', '--require=/workspace/evil.cjs'],
    ['BASH_ENV', '/workspace/P'],
    ['ENV', '/workspace/P'],
    ['GIT_SSH_COMMAND', '/workspace/P'],
    ['PATH', '/workspace/bin'],
    ['IFS', '/'],
    ['PROMPT_COMMAND', '/workspace/P'],
    ['BASH_FUNC_id%%', '() { echo x; }'],
  ])('may set %s, and get no further by it', async (name, value) => {
    await writeFile(
      join(room.workspace, 'evil.cjs'),
      `try { require('child_process').execFileSync('/workspace/P') } catch {}`,
    );
    const parameters = {
      command: 'node -e 1; bash -c id; git ls-remote ssh://example.invalid/x; env; ulimit -u',
      shell: true,
      environment: { ...environment, WAY: `variable ${name.length}`, [name]: value },
    };
    if (name.includes('%')) {
      expect(shell.check(parameters)).toMatchObject([{ field: 'environment' }]);
      return;
    }
    const result = await runTool(room, shell, parameters);
    await room.expectUnharmed(`${result.stdout ?? ''}${result.stderr ?? ''}`);
    expect(result.metadata).toMatchObject({ return_code: expect.any(Number) as number });
  });
});
