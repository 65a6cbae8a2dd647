import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ensureBuilt, newDataDir } from './process.js';

const ROOT = resolve(import.meta.dirname, '../..');
const MIGRATIONS = 'dist/migrations/index.js';
/** The last name in the list of migrations, as the compiler writes it. */
const LAST_MIGRATION = /^ {4}(\w+),\n\];/m;

export interface OlderRelease {
  /** For `startNyxProcess`; removed by `cleanUpProcesses()`. */
  readonly folder: string;
  readonly version: string;
  /** The name of the migration that it does not know. */
  readonly unknown: string;
}

/** What is built here as a release of another version that does not know the last migration. */
export async function olderRelease(version: string): Promise<OlderRelease> {
  const folder = await copyOf(version);
  let unknown = '';
  await edit(folder, MIGRATIONS, LAST_MIGRATION, (_, name: string) => {
    unknown = name;
    return '];';
  });
  return { folder, version, unknown };
}

/** The table that the newer release brings: of each workflow that went the changed way a row for each time. */
export const CHANGED_WAY = 'changed_way';

/**
 * What is built here as a release after this one, with a migration more, and a step more in the flow of every workflow, behind `patched`.
 * @param durableVersion for one whose durable functions are others
 * @returns its folder, for `startNyxProcess`; removed by `cleanUpProcesses()`
 */
export async function newerRelease(version: string, durableVersion?: string): Promise<string> {
  const folder = await copyOf(version);
  await edit(folder, MIGRATIONS, LAST_MIGRATION, (_, name: string) => `    ${name},\n    ChangedWay9000000000000,\n];`);
  await edit(folder, MIGRATIONS, /^/, () => MIGRATION);
  await edit(folder, 'dist/src/orchestrator/run/workflow-runner.js', /^( +)const made = /m, (line) => FLOW + line);
  if (durableVersion !== undefined)
    await edit(folder, 'dist/src/durable/dbos.js', /(?<=DURABLE_VERSION = )'.*?'/, () => `'${durableVersion}'`);
  return folder;
}

const MIGRATION = `
class ChangedWay9000000000000 {
    name = 'ChangedWay9000000000000';
    async up(runner) {
        await runner.query('CREATE TABLE ${CHANGED_WAY} (workflow_id uuid NOT NULL)');
        await runner.query("ALTER TABLE workflows ADD changed_way text NOT NULL DEFAULT 'no'");
    }
    async down() {}
}
`;

const FLOW = `
        if (await this.durable.patched('a changed way')) {
            await this.durable.commit('changed-way', async (tx) => {
                await tx.query('INSERT INTO ${CHANGED_WAY} (workflow_id) VALUES ($1)', [workflowId]);
                return null;
            });
        }
`;

async function copyOf(version: string): Promise<string> {
  await ensureBuilt();
  const folder = await newDataDir();
  const programs = join(ROOT, 'dist/programs');
  await cp(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true, filter: (path) => path !== programs });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const itself = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as object;
  await writeFile(join(folder, 'package.json'), JSON.stringify({ ...itself, version }));
  return folder;
}

type Replacer = (match: string, group: string) => string;

async function edit(folder: string, file: string, place: RegExp, text: Replacer): Promise<void> {
  const path = join(folder, file);
  const source = await readFile(path, 'utf8');
  if (!place.test(source)) throw new Error(`${file} of the build has nothing like ${String(place)}.`);
  await writeFile(path, source.replace(place, text));
}
