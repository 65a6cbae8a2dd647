import type { ParameterError } from '../tool.js';

export const MAX_FILES = 100;
const MAX_NAME_BYTES = 200;

/** Names of files below a folder, `/` between their parts: none that leads out of it, none that is a folder of another. */
export function fileNameErrors(field: string, names: readonly string[]): readonly ParameterError[] {
  if (names.length > MAX_FILES + 1) return [{ field, message: `must not be more than ${MAX_FILES}.` }];
  const all = new Set(names);
  const wrong =
    names.find((name) => !isFileName(name)) ?? names.find((name) => parents(name).some((one) => all.has(one)));
  if (wrong !== undefined)
    return [{ field, message: `must be names of files such as data/in.csv, and ${JSON.stringify(wrong)} is none.` }];
  return all.size < names.length
    ? [{ field, message: 'must each have a name of its own, and not that of the program.' }]
    : [];
}

const isFileName = (name: string): boolean =>
  Buffer.byteLength(name) <= MAX_NAME_BYTES &&
  !/[\0\\]/.test(name) &&
  name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

const parents = (name: string): readonly string[] =>
  name
    .split('/')
    .slice(0, -1)
    .map((_, index, parts) => parts.slice(0, index + 1).join('/'));
