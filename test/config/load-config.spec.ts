import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { AppConfig } from '../../src/config/app-config.js';
import { VARIABLES } from '../../src/config/load-config.js';
import { ORIGINAL_NAMES } from '../../src/config/original-names.rules.js';
import { StartError } from '../../src/config/start-error.js';
import { ConfigRoom } from './config-room.js';

const SECRET = 'k7Jq-2mWz0Rt5Yb8Xc1Vn4Lp9Df3Gh6s';

const DEFAULT_ALIASES = { fast: 'claude-haiku-5-5', balanced: 'claude-sonnet-5-5', best: 'claude-opus-5-5' };
const PRICE = { input: 0.1, output: 1, cache_write_5m: 0.125, cache_write_1h: 0.2, cache_read: 0.0001 };

const room = ConfigRoom.forThisFile();

describe('without any variable', () => {
  it('every setting has the default of the contract', () => {
    expect(room.load({})).toMatchObject({
      environment: 'development',
      http: {
        host: '127.0.0.1',
        port: 8000,
        corsOrigins: ['http://localhost:3000', 'http://127.0.0.1:3000', 'http://localhost:8080'],
      },
      database: { url: undefined },
      dataDir: join(room.folder, '.nyx'),
      workspaceDir: join(room.folder, '.nyx', 'workspace'),
      admin: { username: 'admin', password: undefined },
      deploymentApiKey: undefined,
      llm: { apiKey: undefined, baseUrl: undefined, defaultModel: 'claude-haiku-5-5', timeoutSeconds: 60 },
      limits: { maxRecursionDepth: 10, maxConcurrentAgents: 50, retryAttempts: 3, toolTimeoutSeconds: 30 },
      retention: {
        workflowsDays: 365,
        callsDays: undefined,
        tasksDays: undefined,
        deliveriesDays: 7,
        auditDays: 730,
        archiveDir: undefined,
      },
      rateLimitPerMinute: 600,
      logLevel: 'info',
      metricsPort: undefined,
      otelEndpoint: undefined,
      warnings: [],
    });
    const { budget, llm } = room.load({});
    expect(llm.modelAliases).toEqual(DEFAULT_ALIASES);
    expect(llm.modelPrices).toEqual({});
    expect([budget.dailyUsd, budget.workflowUsd, budget.autonomousDailyUsd].map(String)).toEqual(['50', '5', '5']);
  });

  it('the JWT secret is made once and kept for the owner only', () => {
    const first = room.load({}).jwtSecret;
    expect(first.length).toBeGreaterThanOrEqual(32);
    expect(room.load({}).jwtSecret).toBe(first);
    expect(statSync(join(room.folder, '.nyx', 'jwt-secret')).mode & 0o777).toBe(0o600);
  });

  it('an empty variable counts as unset', () => {
    const empty = Object.fromEntries(VARIABLES.map((name) => [name, ' ']));
    expect(room.load(empty)).toEqual(room.load({}));
  });
});

describe('a value is understood', () => {
  it.each<[string, Record<string, string>, (config: AppConfig) => unknown, unknown]>([
    ['PORT', { PORT: '0' }, (config) => config.http.port, 0],
    ['HOST', { HOST: '0.0.0.0' }, (config) => config.http.host, '0.0.0.0'],
    ['HOST as IPv6', { HOST: '::1' }, (config) => config.http.host, '::1'],
    ['LOG_LEVEL in capitals', { LOG_LEVEL: 'DEBUG' }, (config) => config.logLevel, 'debug'],
    ['LOG_LEVEL WARNING', { LOG_LEVEL: 'WARNING' }, (config) => config.logLevel, 'warn'],
    ['LOG_LEVEL CRITICAL', { LOG_LEVEL: 'CRITICAL' }, (config) => config.logLevel, 'fatal'],
    [
      'CORS_ORIGINS',
      { CORS_ORIGINS: 'https://a.example/, http://b.example:81' },
      (config) => config.http.corsOrigins,
      ['https://a.example', 'http://b.example:81'],
    ],
    ['RATE_LIMIT_PER_MINUTE off', { RATE_LIMIT_PER_MINUTE: '0' }, (config) => config.rateLimitPerMinute, 0],
    ['RETENTION_CALLS_DAYS', { RETENTION_CALLS_DAYS: '0' }, (config) => config.retention.callsDays, 0],
    ['RETENTION_TASKS_DAYS', { RETENTION_TASKS_DAYS: '36500' }, (config) => config.retention.tasksDays, 36_500],
    ['RETENTION_DELIVERIES_DAYS', { RETENTION_DELIVERIES_DAYS: '3' }, (config) => config.retention.deliveriesDays, 3],
    ['METRICS_PORT', { METRICS_PORT: '9090' }, (config) => config.metricsPort, 9090],
    ['a relative NYX_WORKSPACE', { NYX_WORKSPACE: 'work' }, (config) => config.workspaceDir.endsWith('/work'), true],
    ['NYX_ROLES', { NYX_ROLES: 'engine, api' }, (config) => config.duties, ['api', 'engine']],
    ['ISOLATE_PRINCIPALS', { ISOLATE_PRINCIPALS: 'true' }, (config) => config.isolatePrincipals, true],
    ['NYX_API_KEY', { NYX_API_KEY: SECRET }, (config) => config.deploymentApiKey, { key: SECRET, role: 'admin' }],
    [
      'NYX_API_KEY_ROLE',
      { NYX_API_KEY: SECRET, NYX_API_KEY_ROLE: 'viewer' },
      (config) => config.deploymentApiKey?.role,
      'viewer',
    ],
    [
      'ANTHROPIC_BASE_URL',
      { ANTHROPIC_API_KEY: 'sk-1234', ANTHROPIC_BASE_URL: 'http://localhost:11434/' },
      (config) => config.llm.baseUrl,
      'http://localhost:11434',
    ],
    [
      'money exactly',
      { WORKFLOW_BUDGET_USD: '0.0000000001' },
      (config) => config.budget.workflowUsd.toFixed(),
      '0.0000000001',
    ],
    [
      'postgres://',
      { DATABASE_URL: 'postgres://u:p@h:1/d' },
      (config) => config.database.url,
      'postgresql://u:p@h:1/d',
    ],
    [
      'postgresql+asyncpg://',
      { DATABASE_URL: 'postgresql+asyncpg://u:p%40@h/d?ssl=require' },
      (config) => config.database.url,
      'postgresql://u:p%40@h/d?sslmode=verify-full',
    ],
    ['an empty DATABASE_URL', { DATABASE_URL: '' }, (config) => config.database.url, undefined],
    ['a blank DATABASE_URL', { DATABASE_URL: ' \t ' }, (config) => config.database.url, undefined],
    ['API_PORT of the original', { API_PORT: '9000' }, (config) => config.http.port, 9000],
    ['API_HOST of the original', { API_HOST: '0.0.0.0' }, (config) => config.http.host, '0.0.0.0'],
    ['SECRET_KEY of the original', { SECRET_KEY: SECRET }, (config) => config.jwtSecret, SECRET],
    [
      'DEFAULT_MAX_RECURSION_DEPTH',
      { DEFAULT_MAX_RECURSION_DEPTH: '4' },
      (config) => config.limits.maxRecursionDepth,
      4,
    ],
    [
      'DEFAULT_MAX_CONCURRENT_AGENTS',
      { DEFAULT_MAX_CONCURRENT_AGENTS: '7' },
      (config) => config.limits.maxConcurrentAgents,
      7,
    ],
    ['DEFAULT_RETRY_ATTEMPTS', { DEFAULT_RETRY_ATTEMPTS: '0' }, (config) => config.limits.retryAttempts, 0],
    ['LLM_TIMEOUT_SECONDS', { LLM_TIMEOUT_SECONDS: '5' }, (config) => config.llm.timeoutSeconds, 5],
    [
      'LLM_MODEL_ALIASES',
      { LLM_MODEL_ALIASES: ' best = claude-opus-5, local=meta/llama3.1:8b,' },
      (config) => config.llm.modelAliases,
      { ...DEFAULT_ALIASES, best: 'claude-opus-5', local: 'meta/llama3.1:8b' },
    ],
    ['TOOL_TIMEOUT_SECONDS', { TOOL_TIMEOUT_SECONDS: '6' }, (config) => config.limits.toolTimeoutSeconds, 6],
  ])('%s', (_name, environment, read, expected) => {
    expect(read(room.load(environment))).toEqual(expected);
  });

  it('LLM_PRICES, exactly, of one tier and of several', () => {
    const tiers = [PRICE, { ...PRICE, above_input_tokens: 100_000, output: 2.5 }];
    const { modelPrices } = room.load({ LLM_PRICES: JSON.stringify({ 'my-model': PRICE, tiered: tiers }) }).llm;
    const shown = Object.entries(modelPrices).map(([id, price]) => [
      id,
      price.map((tier) =>
        [tier.aboveInputTokens, tier.input, tier.output, tier.cacheWrite5m, tier.cacheRead].join(' '),
      ),
    ]);
    expect(shown).toEqual([
      ['my-model', ['0 0.1 1 0.125 0.0001']],
      ['tiered', ['0 0.1 1 0.125 0.0001', '100000 0.1 2.5 0.125 0.0001']],
    ]);
  });

  it.each(ORIGINAL_NAMES)('%s is read with one warning', (name) => {
    const value = { API_HOST: '127.0.0.2', SECRET_KEY: SECRET }[name] ?? '7';
    const { warnings } = room.load({ [name]: value });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(name);
  });

  it('the present name wins over that of the original, and it is said', () => {
    const config = room.load({ PORT: '1', API_PORT: '2' });
    expect(config.http.port).toBe(1);
    expect(config.warnings).toEqual(['API_PORT is ignored because PORT is set.']);
  });
});

describe('a wrong value is refused in one sentence that names the variable', () => {
  it.each([
    ['PORT', 'abc'],
    ['PORT', '-1'],
    ['PORT', '65536'],
    ['PORT', '80.5'],
    ['PORT', '0x50'],
    ['HOST', 'a b'],
    ['HOST', 'http://localhost'],
    ['NODE_ENV', 'prod'],
    ['DATABASE_URL', 'mysql://u:p@h/d'],
    ['DATABASE_URL', 'localhost:5432'],
    ['DATABASE_URL', 'postgresql://u:p@h'],
    ['DATABASE_URL', 'postgresql://u:p@h/'],
    ['DATABASE_URL', 'postgresql://u:p@h:99999/d'],
    ['DATABASE_URL', 'postgresql://u:p@h/d?port=99999'],
    ['DATABASE_URL', 'postgresql://u:p@h/d?port=abc'],
    ['DATABASE_URL', 'postgresql://u:p@/d'],
    ['NYX_ADMIN_USERNAME', 'a b'],
    ['NYX_ADMIN_PASSWORD', 'short'],
    ['ANTHROPIC_API_KEY', 'sk-ä1234567'],
    ['ANTHROPIC_API_KEY', 'sk-12 34'],
    ['ANTHROPIC_BASE_URL', 'localhost:11434'],
    ['ANTHROPIC_BASE_URL', 'ftp://h'],
    ['LLM_DEFAULT_MODEL', 'a model'],
    ['LLM_MODEL_ALIASES', 'fast'],
    ['LLM_MODEL_ALIASES', 'fast='],
    ['LLM_MODEL_ALIASES', '=claude-opus-5'],
    ['LLM_MODEL_ALIASES', 'fast=a=b'],
    ['LLM_MODEL_ALIASES', 'very fast=claude-opus-5'],
    ['LLM_MODEL_ALIASES', 'fast=claude opus'],
    ['LLM_MODEL_ALIASES', '__proto__=claude-opus-5'],
    ['LLM_MODEL_ALIASES', 'fast=best'],
    ['LLM_MODEL_ALIASES', 'mine=claude-opus-5,other=mine'],
    ['LLM_MODEL_ALIASES', 'fast=claude-opus-5,fast=claude-haiku-5-5'],
    ['LLM_PRICES', '{'],
    ['LLM_PRICES', '[]'],
    ['LLM_PRICES', 'null'],
    ...[
      { 'my model': PRICE },
      { '': PRICE },
      { fast: PRICE },
      { m: 1 },
      { m: null },
      { m: [] },
      { m: [[]] },
      { m: { ...PRICE, output: undefined } },
      { m: { ...PRICE, output: '1' } },
      { m: { ...PRICE, output: -1 } },
      { m: { ...PRICE, output: 0.00001 } },
      { m: { ...PRICE, output: 1_000_001 } },
      { m: { ...PRICE, currency: 'EUR' } },
      { m: { ...PRICE, above_input_tokens: 5 } },
      { m: [PRICE, PRICE] },
      { m: [PRICE, { ...PRICE, above_input_tokens: 1.5 }] },
      { m: [PRICE, { ...PRICE, above_input_tokens: 9 }, { ...PRICE, above_input_tokens: 8 }] },
      { m: Array.from({ length: 11 }, (_, index) => ({ ...PRICE, above_input_tokens: index })) },
    ].map((prices) => ['LLM_PRICES', JSON.stringify(prices)]),
    ['LLM_DAILY_BUDGET_USD', '-1'],
    ['LLM_DAILY_BUDGET_USD', 'five'],
    ['WORKFLOW_BUDGET_USD', '0'],
    ['WORKFLOW_BUDGET_USD', '0.0000000000'],
    ['WORKFLOW_BUDGET_USD', '1e3'],
    ['WORKFLOW_BUDGET_USD', 'NaN'],
    ['WORKFLOW_BUDGET_USD', '0.00000000001'],
    ['AUTONOMOUS_DAILY_BUDGET_USD', '1,5'],
    ['AUTONOMOUS_DAILY_BUDGET_USD', '99999999999'],
    ['NYX_API_KEY_ROLE', 'root'],
    ['NYX_ROLES', 'api,boss'],
    ['NYX_ROLES', ','],
    ['ISOLATE_PRINCIPALS', 'yes'],
    ['NYX_API_KEY_ROLE', 'toString'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'https://*.example.com'],
    ['CORS_ORIGINS', 'https://a.example/path'],
    ['CORS_ORIGINS', 'a.example'],
    ['RATE_LIMIT_PER_MINUTE', 'none'],
    ['METRICS_PORT', '70000'],
    ['LOG_LEVEL', 'loud'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['NYX_WORKSPACE', '.'],
    ['NYX_WORKSPACE', '.nyx'],
    ['NYX_DATA_DIR', 'a\u0000b'],
    ['LLM_TIMEOUT_SECONDS', '0'],
    ['TOOL_TIMEOUT_SECONDS', '0'],
    ['DEFAULT_MAX_RECURSION_DEPTH', '0'],
    ['DEFAULT_RETRY_ATTEMPTS', '-1'],
  ])('%s=%j', (name, value) => {
    const sentence = room.refusal({ [name]: value });
    expect(sentence).toContain(name);
    expect(sentence).toMatch(/^[^\n]+\.$/);
  });

  it.each(['.nyx/postgres', '.nyx/postgres/data', join('.nyx', 'x', '..', 'postgres')])(
    'a workspace in the folder of the database, as %s',
    (folder) => {
      expect(room.refusal({ NYX_WORKSPACE: folder })).toMatch(/^NYX_WORKSPACE must be a folder outside \S+postgres, /);
    },
  );

  it.each([
    ['.nyx/workspace', undefined],
    ['.nyx/workspace/archive', undefined],
    ['work/../archive', 'archive'],
  ])('an archive that tools could read: %s, where the workspace is %s', (archive, workspace) => {
    const sentence = room.refusal({ NYX_ARCHIVE_DIR: archive, NYX_WORKSPACE: workspace });
    expect(sentence).toMatch(/^NYX_ARCHIVE_DIR must be apart from the workspace \(\S+\), [^\n]+\.$/);
  });

  it('but no folders that are beside each other', () => {
    const { workspaceDir, retention } = room.load({ NYX_ARCHIVE_DIR: 'work-archive', NYX_WORKSPACE: 'work' });
    expect(retention.archiveDir).toBe(`${workspaceDir}-archive`);
  });

  it('METRICS_PORT and PORT may not be one', () => {
    expect(room.refusal({ PORT: '9000', METRICS_PORT: '9000' })).toContain('METRICS_PORT');
  });

  it('a data folder that is a file', () => {
    writeFileSync(join(room.folder, 'taken'), '');
    expect(room.refusal({ NYX_DATA_DIR: 'taken' })).toContain('NYX_DATA_DIR');
  });
});

describe('whatever the environment says', () => {
  const value = fc.oneof(
    fc.string(),
    fc.json(),
    fc.constantFrom('0', '-1', '1.5', 'true', 'null', '*', '../..', '/', 'http://x', '99999999999999999999'),
  );

  it('it is a configuration, or one sentence that names the variable', () => {
    fc.assert(
      fc.property(fc.constantFrom(...VARIABLES, ...ORIGINAL_NAMES), value, (name, text) => {
        // These name folders that would really be made.
        fc.pre(name !== 'NYX_DATA_DIR');
        try {
          room.load({ [name]: text });
        } catch (error) {
          expect(error).toBeInstanceOf(StartError);
          expect((error as StartError).message).toMatch(/^[^\n]+\.$/);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('money is kept to the last digit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 99_999_999_999_999_999_999n }), (units) => {
        const digits = units.toString().padStart(11, '0');
        const amount = `${digits.slice(0, -10)}.${digits.slice(-10)}`;
        expect(room.load({ WORKFLOW_BUDGET_USD: amount }).budget.workflowUsd.toFixed(10)).toBe(amount);
      }),
    );
  });
});

describe('.env.example', () => {
  it('lists every variable, and as it is it gives the defaults', () => {
    const example = readFileSync(join(import.meta.dirname, '../../.env.example'), 'utf8');
    const listed = [...example.matchAll(/^#?([A-Z][A-Z_]+)=(.*)$/gm)].map((match) => match[1]);
    expect([...listed].sort()).toEqual([...VARIABLES].sort());
    expect(room.load({})).toEqual(room.load(readEnvironmentOf(example)));
  });

  const readEnvironmentOf = (content: string): Record<string, string> =>
    Object.fromEntries(
      [...content.matchAll(/^#([A-Z][A-Z_]+)=(.*)$/gm)]
        .filter(([, name]) => !['DATABASE_URL', 'ANTHROPIC_BASE_URL'].includes(name ?? ''))
        .map(([, name, text]) => [name ?? '', text ?? '']),
    );
});
