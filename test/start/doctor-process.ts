import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const CLI = resolve(import.meta.dirname, '../../dist/programs/doctor.js');

export interface Examined {
  code: number;
  /** What is said of each thing that was looked at. */
  findings: Record<string, string>;
  said: string;
}

/**
 * What `npm run doctor` says with that data folder and only those variables.
 * @param within a command that runs the command behind it
 */
export async function doctor(
  dataDir: string,
  env: Record<string, string> = {},
  within: readonly string[] = [],
): Promise<Examined> {
  const { PATH, HOME } = process.env;
  const [program, ...args] = [...within, process.execPath, CLI];
  const ended = await promisify(execFile)(program, args, {
    cwd: dataDir,
    env: { PATH, HOME, PORT: '0', NYX_DATA_DIR: dataDir, ...env },
  }).then(
    ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
    (error: unknown) => {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, said: stdout + stderr };
    },
  );
  const lines = [...ended.said.matchAll(/^(ok|note|WRONG) +(configuration|data folder|[a-z]+) +(.+)$/gm)];
  const findings = Object.fromEntries(lines.map(([, state = '', what = '', says = '']) => [what, `${state}: ${says}`]));
  return { ...ended, findings };
}
