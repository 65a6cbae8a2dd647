import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, shownCode } from './error-code.js';
import { StartError } from './start-error.js';

/**
 * A secret that is made once and kept in the data folder, readable by its owner only. It appears whole or not at all, so two
 * that start at once use the same.
 */
export function generatedSecret(dataDir: string, name: string): string {
  const file = join(dataDir, name);
  try {
    return read(file) ?? make(dataDir, file);
  } catch (error) {
    throw new StartError(
      `NYX cannot keep ${name} in its data folder ${dataDir} (${shownCode(error)}): make it writable, or set NYX_DATA_DIR to another folder.`,
      { cause: error },
    );
  }
}

function read(file: string): string | undefined {
  try {
    const secret = readFileSync(file, 'utf8').trim();
    return secret === '' ? undefined : secret;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function make(dataDir: string, file: string): string {
  mkdirSync(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  const temporary = `${file}.${randomBytes(6).toString('hex')}`;
  writeFileSync(temporary, `${randomBytes(48).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(temporary, file);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  return readFileSync(file, 'utf8').trim();
}
