/**
 * Joins the control groups that are named before `--`, offers itself first when the machine runs out of memory, and becomes what is named
 * after it.
 */
const JOIN_AND_BECOME = `
while [ "$1" != -- ]; do echo 0 >"$1/cgroup.procs" || exit 1; shift; done
shift
echo 1000 >/proc/self/oom_score_adj
exec "$@"`;

/**
 * @param namespace of mounts, in which it all happens
 * @returns the program to be spawned and its arguments
 */
export function launcher(
  groupFolders: readonly string[],
  command: readonly string[],
  namespace: string | undefined,
): readonly [program: string, ...argv: string[]] {
  const joining = ['/bin/sh', '-c', JOIN_AND_BECOME, 'sh', ...groupFolders, '--', ...command] as const;
  return namespace === undefined ? joining : ['nsenter', `--mount=${namespace}`, '--', ...joining];
}
