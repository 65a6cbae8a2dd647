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
 * The machine's root owns its devices, so that as root also a program in the sandbox could change who may use them. A mount that nobody
 * else sees makes them read-only, which for devices still means that they can be written to.
 */
const DEVICES_READ_ONLY = 'mount -o bind,ro /dev /dev || exit 1';

/** @returns the program to be spawned and its arguments */
export function launcher(
  groupFolders: readonly string[],
  command: readonly string[],
  isMachineRoot: boolean,
): readonly [program: string, ...argv: string[]] {
  const named = [...groupFolders, '--', ...command];
  return isMachineRoot
    ? [
        ...(['unshare', '--mount', '--propagation', 'private', '--'] as const),
        ...['/bin/sh', '-c', `${DEVICES_READ_ONLY}${JOIN_AND_BECOME}`, 'sh', ...named],
      ]
    : ['/bin/sh', '-c', JOIN_AND_BECOME, 'sh', ...named];
}
