import { cutTo } from '../../database/cut.rules.js';

const AGAIN = 'then start NYX again.';
const REFUSED = `The kernel refuses a sandbox to NYX (it needs user namespaces). On a host, set kernel.unprivileged_userns_clone=1, and kernel.apparmor_restrict_unprivileged_userns=0 or an AppArmor profile for bwrap; in a container, use a security profile that allows them (docs/tools.md, "What it needs"); ${AGAIN}`;

export const NOT_LINUX =
  'Programs run only in a sandbox, which needs Linux: on this system, run NYX in its container to use them.';

export const NOT_INSTALLED = `Programs run only in a sandbox, which needs bubblewrap: install it (apt-get install bubblewrap), ${AGAIN}`;

export const UNKNOWN_PROCESSOR =
  'Programs run only in a sandbox, whose filter of system calls is made for x64 and arm64, and this processor is neither.';

export const UNBOUNDED_ROOT = `NYX runs as root, whose processes nothing can limit here, since it may not make control groups: run NYX as an ordinary user (as its container does), ${AGAIN}`;

/** Why a sandbox could not be set up, for who can change it. @param said what bubblewrap, or what starts it, wrote */
export function reasonOf(said: string): string {
  if (/unknown option|requires --unshare-user/i.test(said))
    return `This bubblewrap is too old: NYX needs 0.8 with --bind-fd, or later; update it, ${AGAIN}`;
  if (/mount proc|newroot\/proc/i.test(said))
    return `The kernel refuses a /proc of its own to the sandbox, because this container hides parts of its own: allow an unmasked /proc (docs/tools.md, "What it needs"), ${AGAIN}`;
  if (/namespace|uid map|gid map|operation not permitted|permission denied|loopback|rtm_/i.test(said)) return REFUSED;
  const [line = ''] = said.trim().split('\n');
  return `The sandbox could not be set up (${cutTo(line, 200) || 'no reason was given'}).`;
}
