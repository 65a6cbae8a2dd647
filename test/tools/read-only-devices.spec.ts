import { execFileSync } from 'node:child_process';
import { closeSync, fstatSync, readdirSync } from 'node:fs';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReadOnlyDevices } from '../../src/tools/sandbox/read-only-devices.js';
import { until } from '../support/until.js';

const PATH = process.env.PATH ?? '';
const isRoot = process.geteuid?.() === 0;

(isRoot ? describe : describe.skip)('the namespace in which devices are read-only', () => {
  const descriptors = (): number => readdirSync('/proc/self/fd').length;
  const namespaceOf = async (devices: ReadOnlyDevices): Promise<number> => {
    const descriptor = await devices.open();
    try {
      const inside = ['--mount=/proc/self/fd/3', '--', '/bin/sh', '-c', 'chmod 666 /dev/null || echo x >/dev/null'];
      execFileSync('nsenter', inside, { stdio: ['ignore', 'ignore', 'ignore', descriptor] });
      return fstatSync(descriptor).ino;
    } finally {
      closeSync(descriptor);
    }
  };

  it('is one for many, and another when a mount has come or gone', async () => {
    const before = descriptors();
    const devices = new ReadOnlyDevices(PATH);
    const folder = await mkdtemp(join(tmpdir(), 'nyx-test-mount-'));
    const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => namespaceOf(devices)));
    expect(new Set([first, ...others]).size).toBe(1);
    execFileSync('mount', ['-t', 'tmpfs', 'none', folder]);
    try {
      expect(await namespaceOf(devices)).not.toBe(first);
    } finally {
      execFileSync('umount', [folder]);
      await rmdir(folder);
    }
    expect(await namespaceOf(devices)).toBeGreaterThan(0);
    devices.close();
    await until('nothing of it is left', () => descriptors() === before);
  });

  it('is not had where it cannot be made, and is made when it can', async () => {
    const devices = new ReadOnlyDevices('/nowhere');
    await expect(devices.open()).rejects.toThrow('ENOENT');
    await expect(devices.open()).rejects.toThrow('ENOENT');
    devices.close();
  });
});
