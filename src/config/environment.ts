import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Environment } from './settings.rules.js';
import { StartError } from './start-error.js';

/** The variables of the process over those of `.env` in the folder. */
export function readEnvironment(folder: string): Environment {
  return { ...readFile(join(folder, '.env')), ...process.env };
}

function readFile(path: string): Environment {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new StartError(
      `The file ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}).`,
      {
        cause: error,
      },
    );
  }
  return parseEnv(content);
}
