import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { loadConfig } from '../config/load-config.js';
import { PACKAGE_FOLDER } from '../config/release.js';
import { StartError } from '../config/start-error.js';
import { createDataSource } from '../database/data-source.js';
import { databaseFailure } from '../database/database-failure.js';
import { migrateDatabase, revertLastMigration } from '../database/migrate.js';
import { entities } from '../entities.js';
import { runDatabase } from '../start/run-database.js';

const FOLDER = join(PACKAGE_FOLDER, 'migrations');
const LINE_WIDTH = 120;

const USAGE = `Usage: npm run migration:generate -- <name-of-the-change>
       npm run migration:run
       npm run migration:revert`;

async function run(url: string): Promise<string> {
  const names = await migrateDatabase(url);
  return names.length === 0 ? 'There is nothing to migrate.' : `Ran ${names.join(', ')}.`;
}

async function revert(url: string): Promise<string> {
  const name = await revertLastMigration(url);
  return name === undefined ? 'There is no migration to revert.' : `Reverted ${name}.`;
}

/** Writes a migration that brings a migrated database to what the entities say, and lists it. */
async function generate(url: string, name: string | undefined): Promise<string> {
  if (name === undefined || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new StartError('A migration is named in kebab-case, as in `npm run migration:generate -- add-retry-count`.');
  }
  await migrateDatabase(url);
  const dataSource = await createDataSource({ url, poolSize: 2, entities }).initialize();
  try {
    const { upQueries, downQueries } = await dataSource.driver.createSchemaBuilder().log();
    if (upQueries.length === 0)
      return 'The entities of src/entities.ts say what the database already is: there is nothing to generate. Is a new one in that list?';
    const className = `${pascalCase(name)}${Date.now()}`;
    const file = `${className.slice(-13)}-${name}`;
    const up = upQueries.map(({ query }) => query);
    const down = downQueries.map(({ query }) => query).reverse();
    await writeFile(join(FOLDER, `${file}.ts`), migrationSource(className, up, down), { flag: 'wx' });
    await addToList(className, file);
    return `Wrote migrations/${file}.ts: read it, it is only a proposal.`;
  } finally {
    await dataSource.destroy();
  }
}

const pascalCase = (name: string): string =>
  name.replace(/(^|-)([a-z0-9])/g, (_match, _dash, letter: string) => letter.toUpperCase());

/** As `npm run format` leaves it. */
function statements(name: string, list: readonly string[]): string {
  const line = `const ${name} = [${list.map(quoted).join(', ')}];`;
  return line.length <= LINE_WIDTH
    ? line
    : `const ${name} = [\n${list.map((query) => `  ${quoted(query)},\n`).join('')}];`;
}

function migrationSource(className: string, up: readonly string[], down: readonly string[]): string {
  return `import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ${className} implements MigrationInterface {
  readonly name = '${className}';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

${statements('UP', up)}

${statements('DOWN', down)}
`;
}

const quoted = (query: string): string => `\`${query.replace(/[\\`]|\$\{/g, '\\$&')}\``;

async function addToList(className: string, file: string): Promise<void> {
  const index = join(FOLDER, 'index.ts');
  const list = await readFile(index, 'utf8');
  const extended = list
    .replace(/((?:^import .*\n)+)/m, `$1import { ${className} } from './${file}.js';\n`)
    .replace(/\n\];/, `\n  ${className},\n];`);
  await writeFile(index, extended);
}

async function main(): Promise<void> {
  Logger.overrideLogger(['warn', 'error', 'fatal']);
  const [command, name] = process.argv.slice(2);
  const actions: Record<string, ((url: string) => Promise<string>) | undefined> = {
    run,
    revert,
    generate: (url) => generate(url, name),
  };
  const action = actions[command ?? ''];
  if (!action) throw new StartError(USAGE);
  const database = await runDatabase(loadConfig());
  try {
    console.log(await action(database.url));
  } finally {
    await database.close();
  }
}

main().catch((thrown: unknown) => {
  const error = databaseFailure(thrown, 'The database was not migrated');
  console.error(error instanceof StartError ? error.message : error);
  process.exitCode = 1;
});
