/** Where the descriptors of bubblewrap's own are when it starts, after those of the program. */
const STATUS_FD = 3;
const WORKSPACE_FD = 4;
const FILTER_FD = 5;
const START_FD = 6;
const LAST_FD = 7;
const PRIVATE_FD = 8;

export const ownDescriptors = (hasPrivateDirectory: boolean): readonly number[] => [
  ...[STATUS_FD, WORKSPACE_FD, FILTER_FD, START_FD, LAST_FD],
  ...(hasPrivateDirectory ? [PRIVATE_FD] : []),
];

export const WORKSPACE_INSIDE = '/workspace';
export const PRIVATE_INSIDE = '/private';
/** A shell script by which the first process knows what to start. */
export const START_INSIDE = '/run/nyx/start';

const PATH_INSIDE = '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin:/opt/nyx/bin';

/** What every program finds, under what its caller gives it. Nothing of it means anything to the shell that starts it. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  HOME: '/tmp',
  LANG: 'C.UTF-8',
  LOGNAME: 'nyx',
  PATH: PATH_INSIDE,
  TMPDIR: '/tmp',
  USER: 'nyx',
};

export interface SandboxView {
  /** What it sees of the machine. */
  readonly system: readonly string[];
  readonly isWorkspaceReadOnly: boolean;
  readonly hasPrivateDirectory: boolean;
  /** Descriptors of empty files, which it reads and closes. */
  readonly covered: readonly number[];
  readonly temporaryBytes: number;
  /** The socket of the proxy outside and its place inside; undefined: no network. */
  readonly proxySocket: readonly [outside: string, inside: string] | undefined;
}

/**
 * bubblewrap's arguments before the program. A namespace of every kind, no way to make more of them; nothing can be written but the
 * workspace, the caller's private folder and two bounded file systems in memory.
 */
export function bwrapArguments(view: SandboxView): readonly string[] {
  const bind = view.isWorkspaceReadOnly ? '--ro-bind-fd' : '--bind-fd';
  const memoryFileSystem = (path: string): string[] => ['--size', String(view.temporaryBytes), '--tmpfs', path];
  return [
    ...['--unshare-all', '--unshare-user', '--disable-userns', '--uid', '1000', '--gid', '1000'],
    ...['--hostname', 'sandbox', '--new-session', '--die-with-parent', '--as-pid-1', '--cap-drop', 'ALL', '--clearenv'],
    ...['--json-status-fd', String(STATUS_FD), '--seccomp', String(FILTER_FD)],
    ...view.system,
    ...['--dev', '/dev', ...memoryFileSystem('/dev/shm'), '--remount-ro', '/dev'],
    ...memoryFileSystem('/tmp'),
    ...[bind, String(WORKSPACE_FD), WORKSPACE_INSIDE],
    ...(view.hasPrivateDirectory ? ['--bind-fd', String(PRIVATE_FD), PRIVATE_INSIDE] : []),
    ...(view.proxySocket ? ['--ro-bind', ...view.proxySocket] : []),
    ...['--file', String(START_FD), START_INSIDE],
    ...view.covered.flatMap((descriptor) => ['--file', String(descriptor), '/run/nyx/nothing']),
    ...['--remount-ro', '/'],
    ...Object.entries(ENVIRONMENT).flatMap((variable) => ['--setenv', ...variable]),
    ...['--args', String(LAST_FD), '--'],
  ];
}

/** As bubblewrap reads them from a descriptor. It does nothing before it has them. */
export const LAST_ARGUMENTS = ['--chdir', '/'].map((word) => `${word}\0`).join('');

/**
 * Sets the program, with what its caller gives it: only there the caller's variables come in, when every limit holds. No argument of bubblewrap
 * or of the first process has it: those are in the machine's list of processes, for everyone to read, for as long as the program runs.
 * Variables are set by `env`, since to the shell some mean something; so are names that the shell would take for an option.
 */
export function startScript(argv: readonly string[], environment: Readonly<Record<string, string>>): string {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const isPlain = variables.length === 0 && argv[0]?.startsWith('-') !== true;
  const words = isPlain ? argv : ['/usr/bin/env', '--', ...variables, ...argv];
  return `set -- ${words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ')}\n`;
}
