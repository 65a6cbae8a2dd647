import { execFileSync } from 'node:child_process';
import { closeSync, fstatSync, readdirSync, readlinkSync } from 'node:fs';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReadOnlyDevices } from '../../src/tools/sandbox/read-only-devices.js';
import { until } from '../support/until.js';

const PATH = process.env.PATH ?? '';
const isRoot = process.geteuid?.() === 0;

(isRoot ? describe : describe.skip)('the namespace in which devices are read-only', () => {
  /** Of namespaces, which this process holds. */
  const held = (): string[] =>
    readdirSync('/proc/self/fd').filter((descriptor) => linkOf(descriptor).startsWith('mnt:['));
  const linkOf = (descriptor: string): string => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`);
    } catch {
      return 'closed meanwhile';
    }
  };
  const numberOf = (descriptor: number): number => fstatSync(descriptor).ino;

  it('is one for many, and another when a mount has come or gone', async () => {
    const devices = new ReadOnlyDevices(PATH);
    const folder = await mkdtemp(join(tmpdir(), 'nyx-test-mount-'));
    // While one of them is open no other namespace gets its number.
    const opened = await Promise.all(Array.from({ length: 5 }, () => devices.open()));
    expect(new Set(opened.map(numberOf)).size).toBe(1);
    execFileSync('/bin/mount', ['-t', 'tmpfs', 'none', folder]);
    try {
      opened.push(await devices.open());
      expect(new Set(opened.map(numberOf)).size).toBe(2);
    } finally {
      execFileSync('/bin/umount', [folder]);
      await rmdir(folder);
    }
    for (const descriptor of opened) {
      const inside = '! chmod 666 /dev/null && echo x >/dev/null';
      execFileSync('nsenter', ['--mount=/proc/self/fd/3', '--', '/bin/sh', '-c', inside], {
        stdio: ['ignore', 'ignore', 'ignore', descriptor],
      });
      closeSync(descriptor);
    }
    devices.close();
    await until('none is held any more', () => held().length === 0);
  });

  it('is not had where it cannot be made, and is made when it can', async () => {
    const devices = new ReadOnlyDevices('/nowhere');
    await expect(devices.open()).rejects.toThrow('ENOENT');
    await expect(devices.open()).rejects.toThrow('ENOENT');
    devices.close();
  });
});
