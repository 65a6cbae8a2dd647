import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { Screen } from '../../src/cli/demo/screen.js';
import { Story } from '../../src/cli/demo/story.js';
import { Connections } from '../../src/events/sockets/connections.js';
import { startApp, type TestApp } from '../support/app.js';
import { DatabaseRelay as Relay } from '../support/database-relay.js';
import { startModelServer, type ModelServer } from '../support/model-server.js';
import { until } from '../support/until.js';

let model: ModelServer;
let nyx: TestApp;
let relay: Relay;
beforeAll(async () => {
  model = await startModelServer();
  nyx = await startApp({ llm: { apiKey: 'a-key-of-the-test', baseUrl: model.url } });
  relay = await Relay.before(nyx.url);
});
beforeEach(() => {
  model.reset();
  model.script({ hold: 'in hand' });
});
afterAll(async () => {
  await relay.close();
  await nyx.close();
  await model.close();
});

const followers = (): number => (nyx.app.get<unknown>(Connections) as { open: ReadonlySet<unknown> }).open.size;

/** The story of a NYX that is not the demo's own. */
function telling(isTTY: boolean, columns = 100): { told: Promise<void>; output: () => string } {
  const { username, password } = nyx.config.admin;
  if (password === undefined) throw new Error('The admin of a test has a password.');
  const ended = new AbortController().signal;
  const terminal = new PassThrough();
  let output = '';
  terminal.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const screen = new Screen(
    Object.assign(terminal, { isTTY, columns, hasColors: () => false }) as unknown as WriteStream,
  );
  const child = { ready: () => Promise.resolve(relay.url), ended, username, password, hasModel: true };
  const told = new Story(child, screen, new AbortController().signal).tell();
  return { told, output: () => output };
}

describe('the demo, watching its workflow', () => {
  it('follows it, also over a connection that broke while a model was at work', async () => {
    const { told, output } = telling(false);
    await until('it follows', () => followers() === 1);
    // Nothing is being asked any more that the cut would break.
    await until('it shows what it saw', () => output().includes('planning'));
    relay.cut();
    await until('its connection is gone', () => followers() === 0);
    relay.resume();
    model.release('in hand');
    await told;
    expect(output()).toMatch(/^ +\d+\.\d s +completed +100 % /m);
    expect(followers()).toBe(0);
  });

  it('lets the time run on, on a terminal, while nothing happens', async () => {
    const { told, output } = telling(true);
    await until('it follows', () => followers() === 1);
    const times = (): string[] => output().match(/\d+\.\d s +planning/g) ?? [];
    await until('several times are shown', () => new Set(times()).size > 2);
    model.release('in hand');
    await told;
    // The last of them stays.
    expect(output().split('\r').at(-1)).toMatch(/^\S+ +\d+\.\d s +completed +100 % /);
  });

  it('shows it on a terminal that does not know how wide it is', async () => {
    const { told, output } = telling(true, 0);
    model.release('in hand');
    await told;
    expect(output().split('\r').at(-1)).toMatch(/^\S+ +\d+\.\d s +completed +100 % /);
  });

  it('keeps all that it prints to a narrow terminal', async () => {
    const { told, output } = telling(true, 40);
    model.release('in hand');
    await told;
    const lines = output()
      .replaceAll('\u001b[2K', '')
      .split(/[\n\r]/);
    expect(lines.filter((line) => Array.from(line).length > 39)).toEqual([]);
  });
});
