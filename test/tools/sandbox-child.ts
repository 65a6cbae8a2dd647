import { existsSync } from 'node:fs';
import { chown } from 'node:fs/promises';
import { RESOURCE_ATTACKS } from './resource-attacks.js';
import { SandboxRoom } from './sandbox-room.js';

/** A process of NYX's kind to be killed, or to be another user: `node … sandbox-child.ts hold | <user id>`. */
const [, , mode = ''] = process.argv;
const say = (word: string, value: unknown): void => void process.stdout.write(`${word} ${JSON.stringify(value)}\n`);

if (mode === 'hold') {
  const room = await SandboxRoom.open();
  void room.bash('trap "" TERM HUP; setsid sleep 1000 & touch up; while :; do sleep 1; done', { timeoutMs: 500_000 });
  say('room', room.folder);
} else {
  const folder = process.env.NYX_TEST_FOLDER_OF_USER ?? '';
  await chown(folder, Number(mode), Number(mode));
  // Everything is loaded by now, so that it need not be readable for that user.
  process.setgroups?.([]);
  process.setgid?.(Number(mode));
  process.setuid?.(Number(mode));
  const room = await SandboxRoom.open({}, folder);
  say('available', room.sandbox.availability());
  say('whoami', await room.bash('id -u; ls /proc/self/fd | wc -l; ulimit -u'));
  for (const name of (process.env.NYX_TEST_ATTACKS ?? '').split(',')) {
    const attack = RESOURCE_ATTACKS[name];
    if (attack) say(name, await room.bash(attack.script, attack.options));
  }
  const privateDirectory = await room.sandbox.makePrivateDirectory();
  await room.bash('mkdir -p a/b; touch a/b/c; chmod 000 a/b; chmod 500 a; chmod 000 .', { privateDirectory });
  await room.sandbox.removePrivateDirectory(privateDirectory);
  say('left', { is: existsSync(privateDirectory) });
  await room.close();
}
