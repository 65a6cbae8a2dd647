import type { AttackStage } from './attack-stage.js';
import type { Attack } from './attacks.js';

/**
 * Ways to have `P` run, which tries to get out: by wrappers, interpreters, chaining, quoting, and by programs that run others. Those
 * that begin with the name of a program in brackets need it.
 */
export const WAYS: Readonly<Record<string, string>> = {
  plain: '/workspace/P',
  'env bash -c': "env bash -c '/workspace/P'",
  timeout: 'timeout 5 /workspace/P',
  xargs: 'echo /workspace/P | xargs -n1 sh -c',
  nice: 'nice -n 5 /workspace/P',
  setsid: 'setsid -w /workspace/P',
  busybox: 'busybox sh -c /workspace/P || /workspace/P',
  '[python3] python3 -c': `python3 -c 'import os; os.system("/workspace/P")'`,
  '[node] node -e': `node -e 'require("child_process").execFileSync("/workspace/P")'`,
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
  'dollar quotes': `bash -c "\\$'\\\\x2fworkspace/P'"`,
  'bash -xc': "bash -xc '/workspace/P'",
  'find -exec': 'find /workspace/P -exec {} ";"',
  'sed e': `echo x | sed 's/x/\\/workspace\\/P/e'`,
  'sed w': `sed -n "w $OUTSIDE/new" /workspace/P; /workspace/P`,
  tar: 'tar cf /dev/null --checkpoint=1 --checkpoint-action=exec=/workspace/P P',
  'tar member': 'tar -xPf evil.tar; tar -xf evil.tar; /workspace/P',
  sort: 'seq 20000 | sort -S 100k --compress-program=/workspace/P; true',
  '[git] git alias': `git -c alias.x='!/workspace/P' x`,
  '[git] git pager': `git -C repo -c core.pager=/workspace/P --paginate log 2>&1; git -C repo -c core.fsmonitor=/workspace/P status`,
  '[git] git hook': `git -C repo -c core.hooksPath=/workspace/hooks commit --allow-empty -m x`,
  '[git] git ext': `git -c protocol.ext.allow=always clone 'ext::/workspace/P' cloned; true`,
  '[git] git --output': `git diff --no-index --output=$OUTSIDE/new /etc/passwd P; git diff --no-index /etc/shadow $SECRET_FILE; /workspace/P`,
  'git of its own first in PATH': 'PATH=/workspace/bin:$PATH; git status',
};

/** Programs that some of `WAYS` need and that the sandbox does not have everywhere. */
export const MAYBE_MISSING = ['python3', 'git', 'node'] as const;

const shell = (what: string, parameters: Readonly<Record<string, unknown>>, rule?: string): Attack => ({
  what,
  tool: 'shell_command',
  parameters,
  rule,
});

/** All ways, a few of them in each call. */
export function commandAttacks(stage: AttackStage): Attack[] {
  const run = ([name, way]: [string, string]): string => `export WAY='${name}'; (\n${way}\n) </dev/null 2>&1`;
  const ways = Object.entries(WAYS);
  const groups = Array.from({ length: Math.ceil(ways.length / 6) }, (_, at) => ways.slice(at * 6, at * 6 + 6));
  const { environment } = stage;
  const words = (what: string, argv: string[]): Attack =>
    shell(what, { argv, environment: { ...environment, WAY: what } });
  return [
    shell('a repository', { command: 'git init -q repo', shell: true, environment }),
    ...groups.map((group) =>
      shell(group.map(([name]) => name).join(', '), { command: group.map(run).join('\n'), shell: true, environment }),
    ),
    words('a path to bwrap', ['bwrap', '--bind', '/', '/', '/workspace/P']),
    words('a shell for a program', ['sh', '-c', '/workspace/P']),
    words('a program of the workspace', ['/workspace/P']),
    words('an option for a program', ['--chdir', '/']),
    words('namespaces of its own', [
      'unshare',
      '-Urmpf',
      '--mount-proc',
      'sh',
      '-c',
      'mount -t tmpfs x /mnt; /workspace/P',
    ]),
    words('the namespaces of others', ['nsenter', '-t', '1', '-a', '/workspace/P']),
    shell('an operator without a shell', { command: 'true; /workspace/P' }, 'invalid_parameters'),
    shell('a substitution without a shell', { command: 'echo $(/workspace/P)' }, 'invalid_parameters'),
    shell('a variable for a program', { argv: ['LD_PRELOAD=/workspace/P', 'true'] }, 'invalid_parameters'),
    shell('NUL', { argv: ['cat', '/workspace/P\0'] }, 'invalid_parameters'),
    shell('no sandbox', { command: 'id', sandbox: false }, 'invalid_parameters'),
    shell('an approval of its own', { command: 'id', approved: true, approval_hash: 'x' }, 'invalid_parameters'),
    ...environmentAttacks(environment),
    ...directoryAttacks(),
  ];
}

function environmentAttacks(environment: Readonly<Record<string, string>>): Attack[] {
  const variables = {
    LD_PRELOAD: '/workspace/P',
    LD_LIBRARY_PATH: '/workspace/bin',
    NODE_OPTIONS: '--require=/workspace/evil.cjs',
    BASH_ENV: '/workspace/P',
    ENV: '/workspace/P',
    GIT_SSH_COMMAND: '/workspace/P',
    PATH: '/workspace/bin:/usr/bin:/bin',
    IFS: '/',
    PROMPT_COMMAND: '/workspace/P',
  };
  const command = 'node -e 1; bash -c id; git ls-remote ssh://example.invalid/x; env; ulimit -u';
  return [
    ...Object.entries(variables).map(([name, value]) =>
      shell(name, { command, shell: true, environment: { ...environment, WAY: name, [name]: value } }),
    ),
    shell(
      'a function of bash',
      { command: 'bash -c id', shell: true, environment: { 'BASH_FUNC_id%%': '() { echo x; }' } },
      'invalid_parameters',
    ),
  ];
}

function directoryAttacks(): Attack[] {
  const command = 'cat secret.txt ../secret.txt etc/shadow passwd 2>&1; pwd';
  const inDirectory = (directory: string, rule?: string): Attack =>
    shell(`in ${JSON.stringify(directory)}`, { command, shell: true, working_directory: directory }, rule);
  return [
    ...['..', '/etc', '//', 'real/../..', '/workspace/../etc', '../ws-evil', '/workspace-evil', 'real\0'].map(
      (directory) => inDirectory(directory, 'invalid_parameters'),
    ),
    ...['to-folder', 'to-root', 'real/to-top', 'dangling', 'loop', 'fifo', 'environment', '-rf'].map((directory) =>
      inDirectory(directory),
    ),
  ];
}

/** Takes all there is of something; ends within seconds. */
export function resourceAttacks(stage: AttackStage): Attack[] {
  const script = (what: string, command: string): Attack =>
    shell(what, { command, shell: true, timeout_seconds: 2, environment: { ...stage.environment, WAY: what } });
  return [
    script('a fork bomb', "exec bash -c ':(){ :|:& };:; sleep 15'"),
    script('a memory bomb', `exec perl -e '$x = "a" x 2_000_000_000; sleep 15'`),
    script('a flood of output', 'yes flood'),
    script('a wait for input', 'exec cat'),
    script('a deaf program', `exec bash -c 'trap "" TERM INT HUP; while :; do sleep 1; done'`),
    script('survivors', `for i in 1 2 3; do setsid bash -c 'exec -a $MARKER sleep 1000' & done; sleep 0.2`),
    script('a sparse terabyte', `exec perl -e 'open(F, ">", "/workspace/huge") and truncate(F, 1024 ** 4) or die'`),
    script('memory by files', 'cat /dev/zero > /dev/shm/full; cat /dev/zero > /tmp/full'),
  ];
}

/** Code, and the names of files that it is given and gives back. */
export function codeAttacks(stage: AttackStage): Attack[] {
  const run = (what: string, parameters: Record<string, unknown>, rule?: string): Attack => ({
    what,
    tool: 'run_code',
    parameters: { language: 'javascript', code: '0', timeout_seconds: 5, ...parameters },
    rule,
  });
  const secretFile = stage.folder.outside('secret.txt');
  const given = (path: string): Attack =>
    run(`given ${JSON.stringify(path)}`, { files: [{ path, content: 'changed' }] }, 'invalid_parameters');
  const wanted = (path: string): Attack =>
    run(`wanted ${JSON.stringify(path)}`, { output_files: [path] }, 'invalid_parameters');
  const outside = ['../secret.txt', secretFile, 'a/../../secret.txt', '..', '', '.', 'a//b', '..\\secret.txt', 'a\0'];
  return [
    ...[...outside, 'main.js', 'n'.repeat(201)].map(given),
    ...outside.map(wanted),
    run('files that are links', {
      code: linking(secretFile),
      output_files: ['link', 'folder/secret.txt', 'hard', 'fifo'],
    }),
    run('all files, some of them links', { code: linking(secretFile) }),
    run(
      'a file in the way of its own folder',
      {
        files: [
          { path: 'a', content: '' },
          { path: 'a/b', content: '' },
        ],
      },
      'invalid_parameters',
    ),
    run('the network', { code: connecting(stage) }),
    run('secrets of others', { code: READING, files: [{ path: 'names.json', content: JSON.stringify([secretFile]) }] }),
    run('another interpreter', { language: '/workspace/P' }, 'invalid_parameters'),
    run('code that never ends', { code: 'for (;;);', timeout_seconds: 1 }),
    run('memory without end', {
      code: 'const all = []; for (;;) all.push(new Array(1e6).fill(1.5));',
      timeout_seconds: 5,
    }),
    run('many files', { code: `for (let i = 0; i < 3000; i++) require('fs').writeFileSync('f' + i, 'x')` }),
    run('P', {
      code: `process.env = ${JSON.stringify({ ...stage.environment, WAY: 'code', PATH: '/usr/bin:/bin' })}; require('child_process').spawnSync('/workspace/P', { stdio: 'inherit', env: process.env })`,
    }),
  ];
}

const linking = (secretFile: string): string => `
const fs = require('fs');
const attempt = (work) => { try { work() } catch {} };
attempt(() => fs.symlinkSync(${JSON.stringify(secretFile)}, 'link'));
attempt(() => fs.symlinkSync(${JSON.stringify(secretFile.replace(/\/[^/]*$/, ''))}, 'folder'));
attempt(() => fs.linkSync(${JSON.stringify(secretFile)}, 'hard'));
attempt(() => require('child_process').execSync('mkfifo fifo'));`;

/** By name, in every notation, past the proxy and through it. Only loopback is meant. */
const connecting = ({ port, socketPath, marker }: AttackStage): string => `
const net = require('net');
const places = ['127.0.0.1', '0.0.0.0', 'localhost', '::1', '::ffff:127.0.0.1', '127.1', '2130706433'];
const proxy = process.env.HTTP_PROXY && new URL(process.env.HTTP_PROXY);
const meet = (options, words) => { const socket = net.connect(options, () => socket.end(words)); socket.on('error', () => {}); socket.on('data', (data) => process.stdout.write(data)); };
for (const host of places) {
  meet({ host, port: ${port} });
  if (proxy) meet({ host: proxy.hostname, port: proxy.port }, 'CONNECT ' + host + ':${port} HTTP/1.1\\r\\nhost: ' + host + ':${port}\\r\\n\\r\\n');
  if (proxy) meet({ host: proxy.hostname, port: proxy.port }, 'GET http://' + host + ':${port}/ HTTP/1.1\\r\\nhost: ' + host + '\\r\\n\\r\\n');
}
meet({ path: ${JSON.stringify(socketPath)} });
meet({ path: '\\0${marker}' });
require('dgram').createSocket('udp4').send('x', ${port}, '127.0.0.1', () => setTimeout(() => process.exit(), 300));`;

const READING = `
const fs = require('fs');
for (const name of [...JSON.parse(fs.readFileSync('names.json', 'utf8')), '/etc/shadow', ...fs.readdirSync('/proc').flatMap((pid) => ['/proc/' + pid + '/environ', '/proc/' + pid + '/root' + JSON.parse(fs.readFileSync('names.json', 'utf8'))[0]])])
  try { process.stdout.write(fs.readFileSync(name, 'latin1').slice(0, 2000)) } catch {}`;
