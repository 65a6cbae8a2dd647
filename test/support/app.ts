import { rm } from 'node:fs/promises';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from '../../src/app.module.js';
import { appOptions, setupApp } from '../../src/app.setup.js';
import { FirstStart } from '../../src/auth/first-start.service.js';
import { AppConfig, type Role } from '../../src/config/app-config.js';
import { configOf } from '../../src/config/load-config.js';
import { PROBLEM_SCHEMA } from '../../src/http/docs/problem-responses.js';
import { PROBLEM_TYPE } from '../../src/http/problem-document.js';
import { closeUnused } from '../../src/http/unused-connections.js';
import { createTestDatabase } from './database.js';
import { newTestFolder } from './test-cluster.js';

/** Sections of the configuration; what is not given is as in an environment without variables. */
export type ConfigOverrides = { readonly [Section in keyof AppConfig]?: Partial<AppConfig[Section]> };

export interface TestApp {
  readonly url: string;
  readonly config: AppConfig;
  /** For what is not reachable by HTTP, such as services. */
  readonly app: NestExpressApplication;
  /** The access token of a user with that role, who is made when first asked for. */
  token(role: Role): Promise<string>;
  /** `fetch` on a path of the app, signed in with that role; a body that is an object is sent as JSON. */
  request(
    role: Role | undefined,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Response>;
  close(): Promise<void>;
}

@Module({})
class WithModules {}

const ADMIN = { username: 'admin', password: 'the admin of this test' };

/**
 * The real application, in this process, on a random port, with a database of its own (or the one in `overrides.database.url`).
 * @param modules that a team would add to its list
 */
export async function startApp(
  overrides: ConfigOverrides = {},
  modules: DynamicModule['imports'] = [],
): Promise<TestApp> {
  const folder = await newTestFolder();
  const database = overrides.database?.url === undefined ? await createTestDatabase() : undefined;
  const config = configFor(folder, overrides, database?.url);
  const app = await NestFactory.create<NestExpressApplication>(
    { module: WithModules, imports: [AppModule.forRoot(config), ...modules] },
    appOptions(config),
  );
  setupApp(app, config);
  await app.listen(0, '127.0.0.1');
  await app.get(FirstStart).ensureAdmin();
  const url = (await app.getUrl()).replace(/\/$/, '');
  const users = new TestUsers(url, config.admin);
  return {
    url,
    config,
    app,
    token: (role) => users.token(role),
    request: async (role, method, path, body, headers) => {
      const answer = await send(`${url}${path}`, method, body, {
        ...(role ? bearer(await users.token(role)) : {}),
        ...headers,
      });
      await expectDeclaredProblem(answer);
      return answer;
    },
    close: async () => {
      // As the process does: connections of clients that go on to keep them would hold it up.
      const sweep = setInterval(() => closeUnused(app.getHttpServer()), 100);
      await app.close().finally(() => clearInterval(sweep));
      await database?.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configFor(folder: string, overrides: ConfigOverrides, databaseUrl: string | undefined): AppConfig {
  const variables = {
    NODE_ENV: 'test',
    PORT: '0',
    LOG_LEVEL: 'silent',
    NYX_DATA_DIR: folder,
    RATE_LIMIT_PER_MINUTE: '0',
    // Failures that one test asks for do not close the model to the next; who tests the breaker says how many it takes.
    LLM_BREAKER_FAILURES: '1000',
  };
  const defaults = Object.assign(configOf(variables, folder), { admin: ADMIN });
  const merged = Object.fromEntries(
    Object.entries(defaults).map(([name, value]: [string, unknown]) => {
      const override: unknown = overrides[name as keyof AppConfig];
      return [name, isSection(value) && isSection(override) ? { ...value, ...override } : (override ?? value)];
    }),
  );
  const database = { ...defaults.database, url: databaseUrl, ...overrides.database };
  return Object.assign(new AppConfig(), { ...merged, database });
}

const isSection = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

/** Whatever a test is about: a problem has no members that integrators do not know of. */
async function expectDeclaredProblem(answer: Response): Promise<void> {
  if (answer.headers.get('content-type')?.startsWith(PROBLEM_TYPE) !== true) return;
  const text = await answer.clone().text();
  const members = text === '' ? [] : Object.keys(JSON.parse(text) as object);
  const unknown = members.filter((member) => !(member in PROBLEM_SCHEMA.properties));
  if (unknown.length > 0) throw new Error(`The OpenAPI document declares no ${unknown.join(', ')} of a problem.`);
}

function send(url: string, method: string, body: unknown, headers: Record<string, string>): Promise<Response> {
  if (body === undefined) return fetch(url, { method, headers });
  return fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

class TestUsers {
  private readonly tokens = new Map<Role, Promise<string>>();

  constructor(
    private readonly url: string,
    private readonly admin: AppConfig['admin'],
  ) {}

  token(role: Role): Promise<string> {
    const token = this.tokens.get(role) ?? this.make(role);
    this.tokens.set(role, token);
    return token;
  }

  private async make(role: Role): Promise<string> {
    if (role === 'admin') return await this.login(this.admin.username, this.admin.password ?? '');
    const password = `the ${role} of this test`;
    const admin = bearer(await this.token('admin'));
    const made = await send(`${this.url}/api/v1/auth/users`, 'POST', { username: role, password, role }, admin);
    if (!made.ok) throw new Error(`The ${role} was not made: ${made.status} ${await made.text()}`);
    return await this.login(role, password);
  }

  private async login(username: string, password: string): Promise<string> {
    const answer = await send(`${this.url}/api/v1/auth/login`, 'POST', { username, password }, {});
    if (!answer.ok) throw new Error(`${username} could not sign in: ${answer.status} ${await answer.text()}`);
    const { access_token: token } = (await answer.json()) as { access_token: string };
    return token;
  }
}
