/** The files by which a version of control groups is spoken to. */
export interface GroupFiles {
  /** Written on making, in this order. */
  readonly limits: readonly GroupLimit[];
  /** The file with the line `oom_kill <times>`. */
  readonly outOfMemory: string;
}

interface GroupLimit {
  readonly controller: 'memory' | 'pids';
  readonly file: string;
  readonly value: (limits: GroupLimits) => number;
  /** Kernels without swap accounting do not have it. */
  readonly isOptional?: boolean;
}

export interface GroupLimits {
  readonly memoryBytes: number;
  readonly processes: number;
}

const processes: GroupLimit = { controller: 'pids', file: 'pids.max', value: (limits) => limits.processes };

export const VERSION_1: GroupFiles = {
  limits: [
    { controller: 'memory', file: 'memory.limit_in_bytes', value: (limits) => limits.memoryBytes },
    {
      controller: 'memory',
      file: 'memory.memsw.limit_in_bytes',
      value: (limits) => limits.memoryBytes,
      isOptional: true,
    },
    processes,
  ],
  outOfMemory: 'memory.oom_control',
};

export const VERSION_2: GroupFiles = {
  limits: [
    { controller: 'memory', file: 'memory.max', value: (limits) => limits.memoryBytes },
    { controller: 'memory', file: 'memory.swap.max', value: () => 0, isOptional: true },
    { controller: 'memory', file: 'memory.oom.group', value: () => 1, isOptional: true },
    processes,
  ],
  outOfMemory: 'memory.events',
};

/** Where this process is in each hierarchy, as a folder of the file system. */
export interface OwnGroups {
  /** Of version 1, by controller. */
  readonly byController: ReadonlyMap<string, string>;
  /** Of version 2. */
  readonly unified: string | undefined;
}

/**
 * @param mountInfo `/proc/self/mountinfo`
 * @param groups `/proc/self/cgroup`
 */
export function ownGroups(mountInfo: string, groups: string): OwnGroups {
  const paths = new Map<string, string>();
  for (const line of groups.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path !== undefined) for (const name of (controllers ?? '').split(',')) paths.set(name, path);
  }
  const byController = new Map<string, string>();
  let unified: string | undefined;
  for (const { type, root, point, options } of mountInfo.split('\n').flatMap(mountOf)) {
    const folder = (name: string): string | undefined => folderOf(paths.get(name), root, point);
    if (type === 'cgroup2') unified ??= folder('');
    if (type !== 'cgroup') continue;
    for (const name of options.split(',')) {
      const own = folder(name);
      if (own !== undefined && !byController.has(name)) byController.set(name, own);
    }
  }
  return { byController, unified };
}

interface Mount {
  readonly root: string;
  readonly point: string;
  readonly type: string;
  readonly options: string;
}

/** `id parent major:minor root point options [fields] - type source super-options` */
function mountOf(line: string): Mount[] {
  const [before, after] = line.split(' - ');
  const [, , , root, point] = before?.split(' ') ?? [];
  const [type, , options] = after?.split(' ') ?? [];
  return root === undefined || point === undefined || type === undefined
    ? []
    : [{ root, point, type, options: options ?? '' }];
}

/** A path of the hierarchy below what is mounted of it. */
function folderOf(path: string | undefined, root: string, point: string): string | undefined {
  if (path === undefined) return undefined;
  if (root === '/') return path === '/' ? point : `${point}${path}`;
  if (path === root) return point;
  return path.startsWith(`${root}/`) ? `${point}${path.slice(root.length)}` : undefined;
}
