import { once } from 'node:events';
import { createServer } from 'node:net';
import { StartError } from '../../src/config/start-error.js';
import { listenError } from '../../src/start/listen-error.js';

const NAMES = { host: 'HOST', port: 'PORT' };

/** What the system answers. */
async function errorOf(host: string, port: number): Promise<unknown> {
  const server = createServer().listen(port, host);
  const [error] = (await once(server, 'error')) as unknown[];
  return error;
}

it.each([
  ['of no interface in particular', 'fe80::1', /^HOST: nobody can listen on fe80::1 alone/],
  ['of another machine', '203.0.113.7', /^HOST: 203\.0\.113\.7 is not an address of this machine/],
  ['of another machine, of IPv6', '2001:db8::1', /^HOST: /],
  ['that nobody knows', 'nowhere.invalid', /^HOST: nowhere\.invalid is not an address of this machine/],
])('an address %s is one sentence that names its variable', async (_what, host, sentence) => {
  const shown = listenError(await errorOf(host, 8000), NAMES, host, 8000);
  expect(shown).toBeInstanceOf(StartError);
  expect((shown as StartError).message).toMatch(sentence);
  expect((shown as StartError).message).toMatch(/^[^\n]+: set HOST to [^\n]+, such as 127\.0\.0\.1\.$/);
});

// This machine has both kinds of addresses, or cannot be asked.
it.each(['EAFNOSUPPORT', 'EPROTONOSUPPORT', 'EAI_FAIL', 'ENETDOWN'])('as is %s', (code) => {
  const error = Object.assign(new Error(`listen ${code}: of the system`), { code, syscall: 'listen' });
  const shown = listenError(error, NAMES, '::1', 8000);
  expect(shown).toBeInstanceOf(StartError);
  expect((shown as StartError).message).toMatch(/^HOST: [^\n]+ set HOST to [^\n]+, such as 127\.0\.0\.1\.$/);
});

it('a mistake of ours stays what it is', () => {
  const error = new TypeError('undefined is not a function');
  expect(listenError(error, NAMES, '::1', 8000)).toBe(error);
});
