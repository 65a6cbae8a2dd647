import { posix } from 'node:path';
import type { ParameterError } from '../tool.js';
import { PRIVATE_INSIDE, WORKSPACE_INSIDE } from './bwrap-arguments.rules.js';

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const MAX_VARIABLES = 100;
/** Of one argument or variable: Linux takes no longer ones. */
export const MAX_ARGUMENT_BYTES = 131_000;
const MAX_ALL_BYTES = 512 * 1024;

const bytes = (text: string): number => Buffer.byteLength(text);

export function argumentErrors(field: string, argv: readonly string[]): readonly ParameterError[] {
  const [program = ''] = argv;
  const error = (message: string): ParameterError[] => [{ field, message }];
  if (program.trim() === '') return error('must name a program.');
  // `env`, which starts it, would take it for a variable.
  if (program.includes('=')) return error('must not name a program with = in its name.');
  if (argv.some((argument) => argument.includes('\0'))) return error('must not contain the character NUL.');
  if (argv.some((argument) => bytes(argument) > MAX_ARGUMENT_BYTES))
    return error(`must not have an argument of more than ${MAX_ARGUMENT_BYTES} bytes.`);
  return argv.reduce((sum, argument) => sum + bytes(argument), 0) > MAX_ALL_BYTES
    ? error(`must not be longer than ${MAX_ALL_BYTES} bytes in all.`)
    : [];
}

/** Which variables are given is the caller's own matter: they come in where they can do nothing that the program could not. */
export function environmentErrors(environment: Readonly<Record<string, string>>): readonly ParameterError[] {
  const entries = Object.entries(environment);
  const field = 'environment';
  if (entries.length > MAX_VARIABLES)
    return [{ field, message: `must not have more than ${MAX_VARIABLES} variables.` }];
  if (entries.reduce((sum, [, value]) => sum + bytes(value), 0) > MAX_ARGUMENT_BYTES)
    return [{ field, message: `must not be longer than ${MAX_ARGUMENT_BYTES} bytes in all.` }];
  return entries.flatMap(([name, value]): ParameterError[] => {
    if (!NAME.test(name))
      return [{ field, message: `must have names of letters, digits and _, and ${JSON.stringify(name)} is none.` }];
    return value.includes('\0') ? [{ field: `${field}.${name}`, message: 'must not contain the character NUL.' }] : [];
  });
}

export function directoryErrors(field: string, directory: string): readonly ParameterError[] {
  if (directory.includes('\0')) return [{ field, message: 'must not contain the character NUL.' }];
  if (bytes(directory) > 4000) return [{ field, message: 'is too long.' }];
  const inside = directoryInside(directory, false);
  return inside === WORKSPACE_INSIDE || inside.startsWith(`${WORKSPACE_INSIDE}/`)
    ? []
    : [{ field, message: 'must be a folder of the workspace.' }];
}

/** Absolute, inside the sandbox, where links in it lead nowhere else. */
export function directoryInside(directory: string | undefined, hasPrivateDirectory: boolean): string {
  if (directory === undefined) return hasPrivateDirectory ? PRIVATE_INSIDE : WORKSPACE_INSIDE;
  return posix.resolve(WORKSPACE_INSIDE, directory);
}
