import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { codeOf, shownCode } from './error-code.js';
import type { Environment } from './settings.rules.js';
import { StartError } from './start-error.js';

/** What may be in a file instead, as Docker and Kubernetes hand secrets over: `JWT_SECRET_FILE` names the file of `JWT_SECRET`. */
export const IN_FILES = [
  'DATABASE_URL',
  'JWT_SECRET',
  'JWT_PREVIOUS_SECRETS',
  'NYX_ADMIN_PASSWORD',
  'NYX_API_KEY',
  'ANTHROPIC_API_KEY',
] as const;

/**
 * The variables of the process over those of `.env` in the folder, with what is in files of their own.
 * @param inFiles which of them are looked for in files
 * @throws StartError naming the variable
 */
export function readEnvironment(folder: string, inFiles: readonly string[] = IN_FILES): Environment {
  const given: Environment = { ...readFile(join(folder, '.env')), ...process.env };
  const fromFiles = inFiles.flatMap((name): (readonly [string, string])[] => {
    const path = given[`${name}_FILE`]?.trim();
    if (path === undefined || path === '') return [];
    if ((given[name]?.trim() ?? '') !== '') throw new StartError(`${name} and ${name}_FILE are both set: set one.`);
    return [[name, contentOf(`${name}_FILE`, resolve(folder, path))]];
  });
  return { ...given, ...Object.fromEntries(fromFiles) };
}

/** The names of the variables that are set to something. */
export function givenNames(folder: string): { readonly ofFile: string[]; readonly ofProcess: string[] } {
  const namesOf = (environment: Environment): string[] =>
    Object.keys(environment).filter((name) => (environment[name]?.trim() ?? '') !== '');
  return { ofFile: namesOf(readFile(join(folder, '.env'))), ofProcess: namesOf(process.env) };
}

/** @throws StartError naming the variable */
export function contentOf(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new StartError(`${name} must name a file that can be read, and ${path} cannot be (${shownCode(error)}).`, {
      cause: error,
    });
  }
}

function readFile(path: string): Environment {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return {};
    throw new StartError(`The file ${path} cannot be read (${shownCode(error)}).`, { cause: error });
  }
  // What some editors put before the first name, which would be part of it.
  return parseEnv(content.replace(/^\uFEFF/, ''));
}
