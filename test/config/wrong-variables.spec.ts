import { readdirSync } from 'node:fs';
import { VARIABLES } from '../../src/config/load-config.js';
import { ORIGINAL_NAMES } from '../../src/config/original-names.rules.js';
import { ConfigRoom } from './config-room.js';

const SECRET = 'k7Jq-2mWz0Rt5Yb8Xc1Vn4Lp9Df3Gh6s';
const PRODUCTION = { NODE_ENV: 'production', JWT_SECRET: SECRET };
const ISSUER = { OIDC_ISSUER: 'https://login.example.net', OIDC_AUDIENCE: 'nyx' };

/** Of each variable there is, one environment in which it is wrong. Types and the walk below hold it complete. */
const WRONG: Readonly<Record<(typeof VARIABLES)[number], Readonly<Record<string, string>>>> = {
  NODE_ENV: { NODE_ENV: 'prod' },
  NYX_ROLES: { NYX_ROLES: 'boss' },
  PORT: { PORT: 'eighty' },
  HOST: { HOST: 'a b' },
  DATABASE_URL: { DATABASE_URL: 'mysql://localhost/nyx' },
  NYX_DATA_DIR: { NYX_DATA_DIR: 'a\u0007b' },
  NYX_WORKSPACE: { NYX_WORKSPACE: '.' },
  NYX_ADMIN_USERNAME: { NYX_ADMIN_USERNAME: 'a b' },
  NYX_ADMIN_PASSWORD: { NYX_ADMIN_PASSWORD: 'password1234' },
  JWT_SECRET: { NODE_ENV: 'production', JWT_SECRET: 'short' },
  JWT_PREVIOUS_SECRETS: { JWT_PREVIOUS_SECRETS: `${SECRET},short` },
  OIDC_ISSUER: { ...ISSUER, OIDC_ISSUER: 'login.example.net' },
  OIDC_AUDIENCE: { OIDC_ISSUER: ISSUER.OIDC_ISSUER },
  OIDC_ROLES_CLAIM: { ...ISSUER, OIDC_ROLES_CLAIM: 'a claim' },
  TRUSTED_PROXIES: { TRUSTED_PROXIES: '0.0.0.0/0' },
  ISOLATE_PRINCIPALS: { ISOLATE_PRINCIPALS: 'yes' },
  ANTHROPIC_API_KEY: { ANTHROPIC_API_KEY: 'two words' },
  ANTHROPIC_BASE_URL: { ANTHROPIC_BASE_URL: 'localhost:11434' },
  LLM_DEFAULT_MODEL: { LLM_DEFAULT_MODEL: 'a model' },
  LLM_FIRST_TOKEN_TIMEOUT_SECONDS: { LLM_FIRST_TOKEN_TIMEOUT_SECONDS: '0' },
  LLM_MAX_CONCURRENT_CALLS: { LLM_MAX_CONCURRENT_CALLS: 'many' },
  LLM_QUEUE_TIMEOUT_SECONDS: { LLM_QUEUE_TIMEOUT_SECONDS: '1.5' },
  LLM_BREAKER_FAILURES: { LLM_BREAKER_FAILURES: '-1' },
  LLM_BREAKER_PROBE_SECONDS: { LLM_BREAKER_PROBE_SECONDS: '86401' },
  LLM_MODEL_ALIASES: { LLM_MODEL_ALIASES: 'fast' },
  LLM_PRICES: { LLM_PRICES: '{' },
  LLM_DAILY_BUDGET_USD: { LLM_DAILY_BUDGET_USD: 'five' },
  WORKFLOW_BUDGET_USD: { WORKFLOW_BUDGET_USD: '0' },
  AUTONOMOUS_DAILY_BUDGET_USD: { AUTONOMOUS_DAILY_BUDGET_USD: '1,5' },
  NYX_REQUIRE_SANDBOX: { NYX_REQUIRE_SANDBOX: 'maybe' },
  SANDBOX_MEMORY_MB: { SANDBOX_MEMORY_MB: '1' },
  SANDBOX_MAX_RUNS: { SANDBOX_MAX_RUNS: '0' },
  SANDBOX_ALLOWED_HOSTS: { SANDBOX_ALLOWED_HOSTS: 'https://example.com' },
  HTTP_ALLOWED_HOSTS: { HTTP_ALLOWED_HOSTS: 'exa mple.com' },
  EGRESS_PRIVATE_RANGES: { EGRESS_PRIVATE_RANGES: '10.0.0.0' },
  NYX_MCP_CONFIG: { NYX_MCP_CONFIG: 'nowhere.json' },
  TOOL_RATE_PER_MINUTE: { TOOL_RATE_PER_MINUTE: 'none' },
  WORKFLOW_TOOL_CALLS: { WORKFLOW_TOOL_CALLS: '0' },
  NYX_API_KEY: { ...PRODUCTION, NYX_API_KEY: 'short' },
  NYX_API_KEY_ROLE: { NYX_API_KEY_ROLE: 'root' },
  RETENTION_WORKFLOWS_DAYS: { RETENTION_WORKFLOWS_DAYS: 'forever' },
  RETENTION_CALLS_DAYS: { RETENTION_CALLS_DAYS: '1.5' },
  RETENTION_TASKS_DAYS: { RETENTION_TASKS_DAYS: '36501' },
  RETENTION_DELIVERIES_DAYS: { RETENTION_DELIVERIES_DAYS: 'a week' },
  RETENTION_AUDIT_DAYS: { RETENTION_AUDIT_DAYS: '-1' },
  NYX_ARCHIVE_DIR: { NYX_ARCHIVE_DIR: process.execPath },
  CORS_ORIGINS: { CORS_ORIGINS: '*' },
  RATE_LIMIT_PER_MINUTE: { RATE_LIMIT_PER_MINUTE: 'none' },
  METRICS_PORT: { METRICS_PORT: '70000' },
  LOG_LEVEL: { LOG_LEVEL: 'loud' },
  OTEL_EXPORTER_OTLP_ENDPOINT: { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
};

/** Of each name of the first NYX, a value that is wrong. */
const WRONG_ORIGINALS: Readonly<Record<string, string>> = {
  API_HOST: 'a b',
  API_PORT: 'eighty',
  SECRET_KEY: 'short',
  DEFAULT_MAX_RECURSION_DEPTH: '0',
  DEFAULT_MAX_CONCURRENT_AGENTS: 'many',
  DEFAULT_RETRY_ATTEMPTS: '21',
  LLM_TIMEOUT_SECONDS: '1.5',
  TOOL_TIMEOUT_SECONDS: '3601',
};

const room = ConfigRoom.forThisFile();

it.each(VARIABLES)('%s can be wrong, is named in one sentence then, and nothing was made on the disk', (name) => {
  const sentence = room.refusal(WRONG[name]);
  expect(sentence).toMatch(/^[^\n]+\.$/);
  expect(sentence).toContain(name);
  expect(readdirSync(room.folder)).toEqual([]);
});

it.each(ORIGINAL_NAMES)('%s of an earlier NYX likewise, by the name that was set', (name) => {
  const variables = name === 'SECRET_KEY' ? { NODE_ENV: 'production' } : PRODUCTION;
  const sentence = room.refusal({ ...variables, [name]: WRONG_ORIGINALS[name] });
  expect(sentence).toMatch(new RegExp(`^${name} [^\n]+\\.$`));
  expect(readdirSync(room.folder)).toEqual([]);
});

it('two ports that are the same are named as they were set', () => {
  expect(room.refusal({ API_PORT: '9000', METRICS_PORT: '9000' })).toBe(
    'METRICS_PORT must be another port than API_PORT, and both are 9000.',
  );
});
