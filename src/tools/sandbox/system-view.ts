import { lstatSync, mkdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where Node is inside, whoever installed it wherever. */
export const NODE_INSIDE = '/opt/nyx/bin/node';

const SYSTEM = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];
/** What programs need of it and nobody keeps to himself. */
const CONFIGURATION = [
  '/etc/alternatives',
  '/etc/ca-certificates',
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
  '/etc/localtime',
  '/etc/magic',
  '/etc/mime.types',
  '/etc/pki/ca-trust/extracted',
  '/etc/pki/tls/certs',
  '/etc/protocols',
  '/etc/services',
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
];
/** Made up, since the machine's own say who is on it. */
const STUBS: Readonly<Record<string, string>> = {
  '/etc/passwd': 'nyx:x:1000:1000:NYX:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
  '/etc/group': 'nyx:x:1000:\nnogroup:x:65534:\n',
  '/etc/hosts': '127.0.0.1 localhost\n::1 localhost\n',
  '/etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
};
/** What the kernel shows to the owner of the machine alone, whom NYX may be. */
const MASKED_FILES = [
  'kcore',
  'key-users',
  'keys',
  'kmsg',
  'kpagecgroup',
  'kpagecount',
  'kpageflags',
  'latency_stats',
  'pagetypeinfo',
  'sched_debug',
  'slabinfo',
  'timer_list',
  'vmallocinfo',
  'vmcore',
];
const MASKED_FOLDERS = ['acpi', 'driver', 'scsi'];

export interface SystemPaths {
  /** Of this process' Node. */
  readonly node: string;
  /** For the files that are made up. */
  readonly folder: string;
  /** What is never to be seen, should it lie in what is shown: folders of NYX itself. */
  readonly hidden: readonly string[];
}

/** bubblewrap's arguments for everything but the workspace: looked up once, read-only. */
export function systemView({ node, folder, hidden }: SystemPaths): readonly string[] {
  return [
    ...['--ro-bind', '/usr', '/usr'],
    ...SYSTEM.flatMap(systemFolder),
    ...CONFIGURATION.filter(exists).flatMap((path) => ['--ro-bind', path, path]),
    ...Object.entries(STUBS).flatMap(([path, content]) => ['--ro-bind', stub(folder, path, content), path]),
    ...['--ro-bind', node, NODE_INSIDE],
    ...hidden
      .filter((path) => ['/usr', ...SYSTEM].some((shown) => path.startsWith(`${shown}/`)) && exists(path))
      .flatMap((path) => ['--tmpfs', path, '--remount-ro', path]),
    ...processView(),
  ];
}

/** Files of /proc belong to the machine's root. Inside NYX run by root that is the program's own user, so none may be written. */
function processView(): readonly string[] {
  const shown = (names: readonly string[]): string[] => names.map((name) => `/proc/${name}`).filter(exists);
  return [
    ...['--proc', '/proc'],
    ...shown(MASKED_FILES).flatMap((path) => ['--ro-bind', '/dev/null', path]),
    ...shown(MASKED_FOLDERS).flatMap((path) => ['--tmpfs', path, '--remount-ro', path]),
    ...['--remount-ro', '/proc'],
  ];
}

function systemFolder(path: string): readonly string[] {
  if (!exists(path)) return [];
  return lstatSync(path).isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path];
}

function stub(folder: string, path: string, content: string): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content, { mode: 0o644 });
  return file;
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
