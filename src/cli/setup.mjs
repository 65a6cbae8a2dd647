/**
 * Comes before everything else: checks Node, installs when the lock file is newer than what is installed, builds when a source is newer than the
 * build (with --build in any case), and is instant when there is nothing to do. It may use no package, and only syntax that an old Node can read.
 *
 *   node src/cli/setup.mjs [--no-install] [--no-build | --build] [--run <module> <argument>...]
 */
import { spawnSync } from 'child_process';
import crypto from 'crypto';
import fs from 'fs';
import os from 'os';
import path from 'path';
import { fileURLToPath, pathToFileURL } from 'url';

/** Of 20, and of 22; all that are newer will do. */
const OLDEST_NODE = [
  [20, 19],
  [22, 12],
];
const LOCK_POLL_MS = 200;
const SOURCES = [
  'src',
  'migrations',
  'clients/typescript/src',
  'package.json',
  // The libraries are in what is built.
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'nest-cli.json',
  'bundle.mjs',
];

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const at = (...parts) => path.join(root, ...parts);
const stamp = at('dist', '.built');
const installed = at('node_modules', '.package-lock.json');

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || OLDEST_NODE.some(([line, oldest]) => major === line && minor >= oldest)) return;
  const versions = OLDEST_NODE.map((version) => version.join('.')).join(', ');
  fail(`NYX needs Node ${versions} or newer, and this is Node ${process.versions.node}: see https://nodejs.org.`);
}

/** Milliseconds, 0 when there is no such file. */
function changedAt(file) {
  try {
    return fs.statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}

/** The last change below a path; that of a folder counts too, because a file may be gone. */
function lastChange(file) {
  let entries;
  try {
    entries = fs.readdirSync(file, { withFileTypes: true });
  } catch {
    return changedAt(file);
  }
  let newest = changedAt(file);
  for (const entry of entries) {
    const child = path.join(file, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? lastChange(child) : changedAt(child));
  }
  return newest;
}

const needsInstall = () => changedAt(installed) === 0 || changedAt(at('package-lock.json')) > changedAt(installed);
const needsBuild = () => {
  const builtAt = changedAt(stamp);
  return builtAt === 0 || SOURCES.some((source) => lastChange(at(source)) > builtAt);
};

function run(what, command, args) {
  console.error(`${what} …`);
  // What is said here goes to stderr: stdout belongs to the program that follows.
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) fail(`${what} failed${error ? ` (${error.message})` : ''}: what is above says why.`);
}

function install() {
  const npm = process.env.npm_execpath;
  const [command, args] = npm && npm.endsWith('js') ? [process.execPath, [npm]] : ['npm', []];
  // Packages that would rather have a newer Node warn in dozens of lines, and work with every one that was let through above.
  run('Installing packages', command, args.concat('ci', '--no-audit', '--no-fund', '--loglevel=error'));
  touch(installed, Date.now());
}

function build() {
  const startedAt = Date.now();
  run('Building', process.execPath, [at('node_modules', '@nestjs', 'cli', 'bin', 'nest.js'), 'build']);
  run('Bundling', process.execPath, [at('bundle.mjs')]);
  fs.writeFileSync(stamp, '');
  touch(stamp, startedAt);
}

function touch(file, milliseconds) {
  fs.utimesSync(file, milliseconds / 1000, milliseconds / 1000);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

const lockFile = path.join(
  os.tmpdir(),
  `nyx-setup-${crypto.createHash('sha256').update(root).digest('hex').slice(0, 16)}.lock`,
);

/** Only one works on the folder at a time. The lock of a process that is gone is taken over. */
function takeLock() {
  for (;;) {
    try {
      fs.writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
      process.on('exit', () => fs.rmSync(lockFile, { force: true }));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    breakStaleLock();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_POLL_MS);
  }
}

function breakStaleLock() {
  try {
    const holder = Number(fs.readFileSync(lockFile, 'utf8'));
    if (holder > 0 && isAlive(holder)) return;
    // An empty one is being written at this moment, or its writer died in between.
    if (!(holder > 0) && Date.now() - changedAt(lockFile) < 2000) return;
    const aside = `${lockFile}.${process.pid}`;
    fs.renameSync(lockFile, aside);
    fs.rmSync(aside, { force: true });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

function prepare(options) {
  const mayInstall = !options.includes('--no-install');
  const mustBuild = options.includes('--build');
  const mayBuild = !options.includes('--no-build');
  const wantsBuild = () => mustBuild || (mayBuild && needsBuild());
  if (!(mayInstall && needsInstall()) && !wantsBuild()) return;
  takeLock();
  if (mayInstall && needsInstall()) install();
  if (wantsBuild()) build();
  fs.rmSync(lockFile, { force: true });
}

checkNode();
const [options, command] = splitAtRun(process.argv.slice(2));
prepare(options);
if (command.length > 0) {
  // In this process and not in a child of its own, so that signals reach the program itself.
  const program = at(command[0]);
  process.argv = [process.argv[0], program].concat(command.slice(1));
  import(pathToFileURL(program).href);
}

function splitAtRun(args) {
  const position = args.indexOf('--run');
  return position < 0 ? [args, []] : [args.slice(0, position), args.slice(position + 1)];
}
