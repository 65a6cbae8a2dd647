import { existsSync, readFileSync } from 'node:fs';

const read = (path: string): string => readFileSync(path, 'utf8');

interface SeccompProfile {
  readonly defaultAction: string;
  readonly syscalls: readonly { readonly names: readonly string[]; readonly action: string }[];
}

describe('what containers need for the sandbox', () => {
  it('is in the image', () => {
    expect(read('Dockerfile')).toMatch(/apt-get install [^\n]*\bbubblewrap\b/);
  });

  it('is given to the container by Compose, with a profile that is shipped', () => {
    const profile = /- seccomp=(\S+)/.exec(read('docker-compose.yml'))?.[1] ?? '';
    expect(existsSync(profile)).toBe(true);
    expect(read('docker-compose.yml')).toContain('- systempaths=unconfined');
  });

  it('is given to the pod by Kubernetes, which names where the profile has to lie', () => {
    const manifest = read('deploy/kubernetes/nyx.yaml');
    const [, local] = /localhostProfile: (\S+?) /.exec(manifest) ?? [];
    expect(manifest).toContain(`deploy/seccomp.json as /var/lib/kubelet/seccomp/${local ?? '?'}`);
    expect(manifest).toContain('procMount: Unmasked');
  });

  it('is a profile that lets namespaces be made and nothing else that Docker forbids', () => {
    const { defaultAction, syscalls } = JSON.parse(read('deploy/seccomp.json')) as SeccompProfile;
    const denied = syscalls.flatMap(({ names, action }) => (action === 'SCMP_ACT_ERRNO' ? names : []));
    expect(defaultAction).toBe('SCMP_ACT_ALLOW');
    for (const needed of [
      'clone',
      'clone3',
      'unshare',
      'setns',
      'mount',
      'umount2',
      'pivot_root',
      'prctl',
      'seccomp',
    ]) {
      expect(denied).not.toContain(needed);
    }
    for (const dangerous of ['bpf', 'kexec_load', 'init_module', 'keyctl', 'open_by_handle_at', 'ptrace', 'reboot']) {
      expect(denied).toContain(dangerous);
    }
  });
});
