import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { Database } from '../../src/database/database.service.js';
import { newId } from '../../src/database/ids.js';
import { Notifications } from '../../src/database/notifications.service.js';
import type { BuiltInTemplate } from '../../src/llm/prompt-templates/built-in-template.js';
import { PromptTemplates } from '../../src/llm/prompt-templates/prompt-templates.service.js';
import { activateVersion, addVersion, lockVersions } from '../../src/llm/prompt-templates/version-rows.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';

const builtIn = (content: string, ...variables: string[]): BuiltInTemplate => ({
  name: 'greeting',
  type: 'user',
  content: [content, ...variables.map((name) => `{{${name}}}`)].join(' '),
  variables: variables.map((name) => ({ name, type: 'text', required: true })),
});

/** Replicas as far as prompt templates go: each its own pool, its own listening connection, its own cache. */
class Replicas {
  private readonly open: (() => Promise<void>)[] = [];

  constructor(private readonly url: string) {}

  async start(...templates: BuiltInTemplate[]): Promise<PromptTemplates> {
    const source = await new DataSource({ type: 'postgres', url: this.url, extra: { max: 5 } }).initialize();
    const notifications = new Notifications(new Database(source), source);
    const replica = new PromptTemplates(new Database(source), notifications);
    this.open.push(async () => {
      replica.onApplicationShutdown();
      await notifications.onApplicationShutdown();
      await source.destroy();
    });
    replica.register(templates);
    await notifications.onModuleInit();
    await replica.onModuleInit();
    return replica;
  }

  async stop(): Promise<void> {
    await Promise.all(this.open.splice(0).map((close) => close()));
  }
}

interface Version {
  version: number;
  content: string;
  is_active: boolean;
  created_by: string;
}

let testDatabase: TestDatabase;
let source: DataSource;
let database: Database;
let replicas: Replicas;

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  source = await new DataSource({ type: 'postgres', url: testDatabase.url }).initialize();
  database = new Database(source);
  replicas = new Replicas(testDatabase.url);
});
afterEach(async () => {
  await replicas.stop();
  await source.destroy();
  await testDatabase.drop();
});

const versions = (): Promise<Version[]> =>
  database.query<Version>(
    `SELECT version, content, is_active, created_by FROM prompt_templates WHERE name = 'greeting' ORDER BY version`,
  );

const byTeam = (content: string, template = builtIn(content)): Promise<string> =>
  database.transaction(async (tx) => {
    await lockVersions(tx);
    return addVersion(tx, { ...template, createdBy: 'a person', activate: true });
  });

const activate = (version: number): Promise<void> =>
  database.transaction(async (tx) => {
    await lockVersions(tx);
    const [row] = await tx.query<{ id: string }>(
      `SELECT id FROM prompt_templates WHERE name = 'greeting' AND version = $1`,
      [version],
    );
    await activateVersion(tx, row?.id ?? '', 'greeting');
  });

it('eight that start at once seed once', async () => {
  const started = await Promise.all(Array.from({ length: 8 }, () => replicas.start(builtIn('Hello'))));
  expect(await versions()).toEqual([{ version: 1, content: 'Hello', is_active: true, created_by: 'nyx' }]);
  for (const replica of started) {
    expect(replica.render('greeting', {})).toEqual({ text: 'Hello', ref: { name: 'greeting', version: 1 } });
  }
});

it('a changed text is added once and used, also by replicas that run', async () => {
  const old = await replicas.start(builtIn('Hello'));
  const updated = await Promise.all([1, 2, 3].map(() => replicas.start(builtIn('Good day'))));
  expect((await versions()).map(({ content, is_active: active }) => [content, active])).toEqual([
    ['Hello', false],
    ['Good day', true],
  ]);
  for (const replica of updated) expect(replica.render('greeting', {}).text).toBe('Good day');
  await until('the running replica has heard', () => old.render('greeting', {}).ref.version === 2);
});

it("a team's active version is left alone by a changed text, which waits beside it", async () => {
  await replicas.start(builtIn('Hello'));
  await byTeam('Ahoy');
  const replica = await replicas.start(builtIn('Good day'));
  expect((await versions()).map(({ content, is_active: active }) => [content, active])).toEqual([
    ['Hello', false],
    ['Ahoy', true],
    ['Good day', false],
  ]);
  expect(replica.render('greeting', {})).toEqual({ text: 'Ahoy', ref: { name: 'greeting', version: 2 } });
});

it('going back to an earlier version of NYX’s holds over a restart', async () => {
  await replicas.start(builtIn('Hello'));
  await replicas.start(builtIn('Good day'));
  await activate(1);
  const replica = await replicas.start(builtIn('Good day'));
  expect(replica.render('greeting', {}).ref.version).toBe(1);
  expect(await versions()).toHaveLength(2);
});

it('a version that wants other values than the release gives is not used by it', async () => {
  const old = await replicas.start(builtIn('Hello'));
  await byTeam('Ahoy');
  const updated = await replicas.start(builtIn('Hello', 'name'));
  expect(updated.render('greeting', { name: 'Ann' })).toMatchObject({ text: 'Hello Ann', ref: { version: 3 } });
  expect((await versions()).map(({ is_active: active }) => active)).toEqual([false, true, false]);
  await activate(3);
  await old.changed('greeting');
  expect(old.render('greeting', {})).toMatchObject({ text: 'Hello', ref: { version: 1 } });
});

it('a new version and a roll back reach every replica, also when the process that made them dies at once', async () => {
  const replica = await replicas.start(builtIn('Hello'));
  await byTeam('Hi');
  await until('it renders the new version', () => replica.render('greeting', {}).text === 'Hi');
  await activate(1);
  await until('it renders the old version', () => replica.render('greeting', {}).text === 'Hello');
});

it('a replica that could not hear reads again when it hears again', async () => {
  const replica = await replicas.start(builtIn('Hello'));
  let content = '';
  // What it tells of its own seeding it may hear a moment later, and read what came meanwhile.
  await until('a change is not heard', async () => {
    content = `Unheard ${newId()}`;
    await database.query('UPDATE prompt_templates SET content = $1 WHERE name = $2', [content, 'greeting']);
    await sleep(50);
    return replica.render('greeting', {}).text !== content;
  });
  await database.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'nyx:listen' AND datname = current_database()`,
  );
  await until('it has read again', () => replica.render('greeting', {}).text === content);
});

it('versions that come one after another end with the last, whatever order their reads would end in', async () => {
  const replica = await replicas.start(builtIn('Hello'));
  const reads: Promise<void>[] = [];
  for (let count = 0; count < 20; count += 1) {
    await byTeam(`text ${count}`);
    reads.push(replica.changed('greeting'));
  }
  await Promise.all(reads);
  expect(replica.render('greeting', {}).text).toBe('text 19');
});

it('rendering asks the database nothing', async () => {
  const replica = await replicas.start(builtIn('Hello'));
  await replicas.stop();
  expect(replica.render('greeting', {}).text).toBe('Hello');
  expect(() => replica.render('other', {})).toThrow('No prompt template is registered as other.');
});

it.each([
  ['two of one name', [builtIn('a'), builtIn('b')], 'Two prompt templates are named greeting: rename one'],
  ['a variable too few', [{ ...builtIn('{{x}}'), variables: [] }], 'greeting is not valid: content: {{x}}'],
  ['a name that is none', [{ ...builtIn('a'), name: 'A B' }], 'cannot be named "A B"'],
])('%s stop the start', async (_what, templates, message) => {
  await expect(replicas.start(...templates)).rejects.toThrow(message);
  expect(await versions()).toEqual([]);
});
