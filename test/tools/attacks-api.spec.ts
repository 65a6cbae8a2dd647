import { spawn } from 'node:child_process';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { Database } from '../../src/database/database.service.js';
import { type Loopback, startLoopback } from '../egress/loopback.js';
import { startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';
import { attackAsAdmin, foreseen, foretold, openDoors, rowsWithSecrets } from './attack-doors.js';
import { AttackStage } from './attack-stage.js';
import { type Attack, fileAttacks, parameterAttacks, requestAttacks } from './attacks.js';
import { codeAttacks, commandAttacks, MAYBE_MISSING, resourceAttacks, WAYS } from './program-attacks.js';
import { describeWithSandbox } from './sandbox-room.js';

let nyx: TestApp;
let site: Loopback;
let stage: AttackStage;
beforeAll(async () => {
  site = await startLoopback();
  const top = await AttackStage.newTop();
  nyx = await startApp(openDoors(top, site.place, site.port));
  stage = await AttackStage.open(nyx, top);
});
afterAll(async () => {
  await nyx.close();
  await stage.close();
  await site.close();
});

async function expectNothing(attacks: readonly Attack[], atOnce?: number): Promise<void> {
  const { endings, told } = await attackAsAdmin(nyx, attacks, atOnce);
  await stage.expectUnharmed(...told);
  expect(foretold(attacks, endings)).toEqual(foreseen(attacks));
  expect(await rowsWithSecrets(nyx.app.get(Database), stage)).toEqual([]);
  expect((await nyx.request('admin', 'GET', '/api/v1/system/health')).status).toBe(200);
}

describe('what an admin tries comes to nothing', () => {
  afterEach(() => stage.furnish());

  it('every operation on files, with every path that leads out', async () => {
    await stage.furnish();
    await link(stage.folder.outside('secret.txt'), stage.folder.inside('hard'));
    await expectNothing(fileAttacks(stage), 4);
  }, 300_000);

  it('parameters that are to cost time or memory', async () => {
    await expectNothing(parameterAttacks());
  }, 300_000);

  it('requests to where none may go', async () => {
    await expectNothing(requestAttacks(stage, site.place, nyx.url), 4);
  }, 300_000);
});

describeWithSandbox('programs that an admin has run come to nothing', () => {
  beforeEach(() => stage.furnish());

  it('commands', async () => {
    await expectNothing(commandAttacks(stage));
    const { told } = await attackAsAdmin(nyx, [
      {
        what: 'which programs there are',
        tool: 'shell_command',
        parameters: { command: `for p in ${MAYBE_MISSING.join(' ')}; do command -v $p; done; true`, shell: true },
      },
    ]);
    const missing = MAYBE_MISSING.filter((name) => !told.join('').includes(`/${name}\\n`));
    const possible = Object.keys(WAYS).filter((way) => !missing.some((name) => way.startsWith(`[${name}]`)));
    const ran = await stage.ran();
    expect(possible.filter((way) => !ran.includes(way))).toEqual([]);
    for (const way of possible)
      expect(await readFile(stage.folder.inside(`ran/${way}`), 'utf8')).toMatch(/^(1000 sandbox\n)+$/);
  }, 300_000);

  it('code, and the files it is given and gives back', async () => {
    await expectNothing(codeAttacks(stage));
    expect(await stage.ran()).toContain('code');
  }, 300_000);

  it('what takes all there is', async () => {
    await expectNothing(resourceAttacks(stage), 2);
  }, 300_000);
});

/** Or nothing of the above would mean anything. */
describe('the eyes on the machine', () => {
  const itOnLinux = process.platform === 'linux' ? it : it.skip;
  itOnLinux(
    'see a change, a read, a new file, a connection, a datagram, a process and a secret that is told',
    async () => {
      await stage.furnish();
      expect(await stage.harm()).toEqual([]);
      await readFile(stage.folder.outside('folder/secret.txt'), 'utf8');
      await writeFile(stage.folder.outside('new'), '');
      await writeFile(`/tmp/${stage.marker}`, '');
      const program = spawn('sleep', ['30'], { argv0: stage.marker });
      connect({ port: stage.port, host: '127.0.0.1' }).on('error', () => undefined);
      connect({ path: stage.socketPath }).on('error', () => undefined);
      const socket = createSocket('udp4');
      socket.send('x', stage.port, '127.0.0.1');
      const seen = new Set<string>();
      const kinds = (): number => new Set([...seen].map((harm) => harm.replace(/:.*/s, ''))).size;
      await until('all was seen', async () => {
        for (const harm of await stage.harm([stage.canary])) seen.add(harm);
        return kinds() === 6 && [...seen].filter((harm) => harm.startsWith('It reached')).length === 3;
      });
      expect([...seen]).toEqual(
        expect.arrayContaining([
          'It read: folder/secret.txt',
          'It changed: new',
          `It made: /tmp/${stage.marker}`,
          'It reached: a datagram',
          `It told: ${stage.canary}`,
          expect.stringContaining(`It runs: ${stage.marker}`),
        ]),
      );
      program.kill();
      await rm(`/tmp/${stage.marker}`);
      socket.close();
    },
  );
});
