import { readFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { startApp, type TestApp } from '../support/app.js';

let nyx: TestApp;
beforeAll(async () => {
  nyx = await startApp();
});

it('keeps an unused connection for longer than the proxy in deploy/ does, which would send on one that is being closed', async () => {
  const agent = new Agent({ keepAlive: true });
  const said = await new Promise<string>((resolve, reject) => {
    get(`${nyx.url}/livez`, { agent }, (response) => {
      response.resume();
      resolve(String(response.headers['keep-alive']));
    }).on('error', reject);
  });
  agent.destroy();
  const conf = await readFile('deploy/nginx/nyx.conf', 'utf8');
  const ofProxy = Number(/^ *keepalive_timeout (\d+)s;$/m.exec(conf)?.[1]);
  expect(Number(/^timeout=(\d+)$/.exec(said)?.[1])).toBeGreaterThan(ofProxy);
});

it('ends although somebody holds a connection on which nothing ever came', async () => {
  const socket = connect(Number(new URL(nyx.url).port), '127.0.0.1');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await new Promise((resolve) => socket.once('connect', resolve));
  await nyx.close();
  socket.resume();
  await closed;
});
