import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RunCodeTool } from '../../src/tools/builtin/run-code.tool.js';
import type { SandboxOutcome } from '../../src/tools/sandbox/sandbox.types.js';
import { until } from '../support/until.js';
import { describeWithSandbox, SandboxRoom } from './sandbox-room.js';
import { runTool, SETTINGS } from './tool-context.js';

const hasPython = existsSync('/usr/bin/python3') || existsSync('/usr/local/bin/python3');

/** Takes one descriptor from a program in another sandbox, by a socket in the workspace that both have. */
const TAKE = `
import array, os, socket, time
server = socket.socket(socket.AF_UNIX)
server.bind('/workspace/mail')
server.listen()
client, _ = server.accept()
_, taken, _, _ = socket.recv_fds(client, 1, 1)
`;
const hand = (descriptor: string): string => `
import os, socket
client = socket.socket(socket.AF_UNIX)
client.connect('/workspace/mail')
socket.send_fds(client, [b'x'], [${descriptor}])
`;

(hasPython ? describeWithSandbox : describe.skip)('programs of two sandboxes that work together', () => {
  let room: SandboxRoom;
  const startAccomplice = async (code: string): Promise<{ ended: Promise<SandboxOutcome> }> => {
    const ended = room.run(['python3', '-c', TAKE + code]);
    await until('it listens', async () => (await readdir(room.workspace)).includes('mail'));
    return { ended };
  };
  beforeAll(async () => {
    room = await SandboxRoom.open();
  });
  afterAll(async () => {
    await room.close();
  });

  it('do not keep a run from ending by holding its output', async () => {
    const accomplice = await startAccomplice(`
while os.path.exists('/workspace/mail'): time.sleep(0.01)`);
    const outcome = await room.run(['python3', '-c', `${hand('1')}print('said')`]);
    expect(outcome).toMatchObject({ ended: 'exited', exitCode: 0, stdout: { text: 'said\n' } });
    await rm(join(room.workspace, 'mail'));
    // It was told to end, and not ended: nobody waited for it.
    expect(await accomplice.ended).toMatchObject({ ended: 'exited' });
    await room.expectUnharmed();
  });

  it('neither read nor remove by links what is outside, when the folder of run_code is handed on', async () => {
    const accomplice = await startAccomplice(`
os.chdir(taken[0])
os.symlink('${room.outside}', 'link')
while os.path.exists('/workspace/mail'):
  try:
    os.rename('folder', 'aside'); os.rename('link', 'folder'); os.rename('folder', 'link'); os.rename('aside', 'folder')
  except OSError: pass`);
    const tool = new RunCodeTool(room.sandbox, room.config, SETTINGS);
    const code = `${hand("os.open('.', os.O_RDONLY)")}
os.mkdir('folder')
for name in ['secret.txt', *map(str, range(60))]: open('folder/' + name, 'w').write('x' * 5000)
while not (os.path.islink('link') or os.path.islink('folder')): pass`;
    const result = await runTool(room, tool, { language: 'python', code });
    await rm(join(room.workspace, 'mail'));
    // It was told to end, and not ended: nobody waited for it.
    expect(await accomplice.ended).toMatchObject({ ended: 'exited' });
    await room.expectUnharmed(JSON.stringify(result));
  });
});
