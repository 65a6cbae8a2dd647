import { readFileSync } from 'node:fs';
import { codeOf, isOfSystem, shownCode } from '../../src/config/error-code.js';

const missing = (): unknown => {
  try {
    return readFileSync('/nowhere/at/all');
  } catch (error) {
    return error;
  }
};

it.each<[string, unknown, string | undefined]>([
  ['of the file system', missing(), 'ENOENT'],
  ['of a database', Object.assign(new Error('no'), { code: '42P01' }), '42P01'],
  ['of another kind', Object.assign(new Error('no'), { code: -32000 }), undefined],
  ['without one', new Error('no'), undefined],
  ['null', null, undefined],
  ['nothing', undefined, undefined],
  ['a text', 'ENOENT', undefined],
])('the code of what was thrown: %s', (_, thrown, code) => {
  expect(codeOf(thrown)).toBe(code);
  expect(shownCode(thrown)).toBe(code ?? 'unknown error');
});

it('the operating system fails with the call that it refused', () => {
  expect(isOfSystem(missing())).toBe(true);
  for (const thrown of [new Error('no'), Object.assign(new Error('no'), { code: 'ENOENT' }), undefined, null, 'EIO'])
    expect(isOfSystem(thrown)).toBe(false);
});
