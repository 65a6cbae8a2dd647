import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { getMetadataArgsStorage } from 'typeorm';
import { parse } from 'yaml';
import { VARIABLES } from '../../src/config/load-config.js';
import { entities } from '../../src/entities.js';
import { SETTINGS } from '../../src/settings/settings.js';
import { anchorsOf } from './headings.js';

const ROOT = resolve(import.meta.dirname, '../..');
const FILE = join(ROOT, 'docs/operations.md');
const ALERTS = join(ROOT, 'deploy/prometheus/alerts.yml');

interface Rule {
  readonly alert: string;
  readonly annotations: { readonly runbook_url: string };
}

interface Compose {
  readonly services: {
    readonly db: { readonly environment: Readonly<Record<'POSTGRES_USER' | 'POSTGRES_DB', string>> };
  };
}

let text: string;
let anchors: string[];
beforeAll(async () => {
  text = await readFile(FILE, 'utf8');
  anchors = anchorsOf(text);
});

it('every command in it exists', async () => {
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
  const commands = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name);
  expect(commands).toContain('doctor');
  expect(commands.filter((name) => !Object.hasOwn(scripts, name ?? ''))).toEqual([]);
});

it('every route and variable in it exists', async () => {
  const { paths } = JSON.parse(await readFile(join(ROOT, 'openapi.json'), 'utf8')) as { paths: Record<string, object> };
  const routes = [...text.matchAll(/`(GET|POST|DELETE|PUT) (\/api\/v1\/[^\s`?…]+)/g)].map(
    ([, method = '', path = '']) => [method.toLowerCase(), path],
  );
  expect(routes.length).toBeGreaterThan(5);
  expect(routes.filter(([method = '', path = '']) => !Object.hasOwn(paths[path] ?? {}, method))).toEqual([]);
  const named = [...text.matchAll(/\b(?:DEFAULT|RETENTION|LLM|JWT|NYX|ANTHROPIC|DATABASE)_[A-Z_]+\b/g)].map(
    ([name]) => name,
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !(VARIABLES as readonly string[]).includes(name))).toEqual([]);
  expect(Object.keys(SETTINGS)).toContain('max_thought_tree_age_days');
});

it('of every table it says who removes its rows', () => {
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  const told = new Set(
    rows.flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name)),
  );
  const tables = getMetadataArgsStorage().tables.flatMap(({ target, name }) =>
    (entities as unknown[]).includes(target) ? [name] : [],
  );
  expect(tables.length).toBeGreaterThan(40);
  expect([...tables, 'status_changes'].filter((name) => !told.has(name))).toEqual([]);
});

it('a database of Compose is emptied by the names that it has there', async () => {
  const { services } = parse(await readFile(join(ROOT, 'docker-compose.yml'), 'utf8')) as Compose;
  const { POSTGRES_USER: user, POSTGRES_DB: name } = services.db.environment;
  for (const program of ['dropdb', 'createdb'])
    expect(text).toContain(`docker compose exec db ${program} -U ${user} ${name}\n`);
});

it('every alert leads to what it says', async () => {
  const { groups } = parse(await readFile(ALERTS, 'utf8')) as { groups: { rules: Rule[] }[] };
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThanOrEqual(10);
  for (const { alert, annotations } of rules) {
    const [path, anchor = ''] = annotations.runbook_url.split('#');
    expect([alert, path, anchors]).toEqual([alert, 'docs/operations.md', expect.arrayContaining([anchor])]);
  }
});
