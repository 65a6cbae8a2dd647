import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { newDataDir } from '../support/process.js';
import { blocksOf, page, ROOT } from './readme-document.js';

const run = promisify(execFile);

const SOURCES = [
  'src',
  'migrations',
  'clients/typescript/src',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'nest-cli.json',
];
const RULES = ['eslint.config.js', '.prettierrc.json', '.dependency-cruiser.cjs'];

/** The lists of the code that the page names, each with what one line is added behind, and the line. */
const LINES: readonly (readonly [path: string, behind: string, line: string])[] = [
  ['src/orchestrator/workflows/workflow.values.ts', 'export const STRATEGIES = [', "'self_review',"],
  ['src/orchestrator/orchestrator.module.ts', 'const strategies = [', 'SelfReviewStrategy,'],
  ['src/tools/tools.module.ts', 'const tools: (new (...dependencies: never[]) => Tool)[] = [', 'WordCountTool,'],
  [
    'src/orchestrator/agents/validator/built-in-rules.ts',
    'validationRules: (new (...dependencies: never[]) => ValidationRule)[] = [',
    'NoShoutingRule,',
  ],
  ['src/system/system.module.ts', 'const COMPONENTS = [', 'DiskHealth,'],
  ['src/motivation/motivations/own-motivations.ts', 'export const ownMotivations = [', 'AnswerTickets,'],
  ['src/entities.ts', 'export const entities = [', 'TicketEntity,'],
  ['src/app.module.ts', 'HttpModule,', 'TicketsModule,'],
  ['.dependency-cruiser.cjs', "['durable', 'auth'],", "['tickets'],"],
];

const IMPORTS: Readonly<Record<string, string>> = {
  SelfReviewStrategy: './strategies/self-review.strategy.js',
  WordCountTool: './builtin/word-count.tool.js',
  NoShoutingRule: './rules/no-shouting.rule.js',
  DiskHealth: './components/disk.health.js',
  AnswerTickets: './answer-tickets.motivation.js',
  TicketEntity: './tickets/ticket.entity.js',
  TicketsModule: './tickets/tickets.module.js',
};

/** The files that the page shows, by their path from the top of the repository. */
export const examples = blocksOf(page('docs/extending.md'))
  .filter(({ info }) => info === 'ts')
  .map(({ text }) => ({
    path: /^\/\/ (src\/\S+\.ts)$/m.exec(text)?.[1] ?? 'a block that does not name its file',
    text: text.replace(/^\/\/ .*\n/, ''),
  }));

/**
 * A copy of NYX in which everything was done that docs/extending.md tells: it has to be removed by `cleanUpProcesses()`.
 * @returns its folder
 */
export async function extendedHouse(): Promise<string> {
  const house = await newDataDir();
  for (const path of [...SOURCES, ...RULES]) await cp(join(ROOT, path), join(house, path), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(house, 'node_modules'));
  for (const { path, text } of examples) {
    await mkdir(dirname(join(house, path)), { recursive: true });
    await writeFile(join(house, path), `${text}\n`);
  }
  for (const line of LINES) await addLine(house, ...line);
  return house;
}

async function addLine(house: string, path: string, behind: string, line: string): Promise<void> {
  const text = await readFile(join(house, path), 'utf8');
  if (!text.includes(behind)) throw new Error(`${basename(path)} has no list that begins with ${behind}`);
  const name = line.replace(',', '');
  const from = IMPORTS[name];
  const imported = from === undefined ? '' : `import { ${name} } from '${from}';\n`;
  await writeFile(join(house, path), `${imported}${text.replace(behind, () => `${behind}\n  ${line}`)}`);
}

/** What a tool of the project says of it; empty when it is content. */
export async function complaintsOf(house: string, script: string, ...args: string[]): Promise<string> {
  try {
    await run(process.execPath, [join('node_modules', script), ...args], { cwd: house });
    return '';
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return `${stdout}${stderr}`;
  }
}

/** Has a migration written for the entities of a house that is built. @returns its path from the top of the house */
export async function newMigration(house: string, name: string): Promise<string> {
  const env = { ...process.env, NYX_DATA_DIR: join(house, '.migrating') };
  const { stdout } = await run(process.execPath, ['dist/src/cli/migrate.js', 'generate', name], { cwd: house, env });
  const written = /migrations\/\S+\.ts/.exec(stdout)?.[0];
  if (written === undefined) throw new Error(`It wrote no migration: ${stdout}`);
  return written;
}
