import { existsSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { Decimal } from 'decimal.js';
import { AppConfig, DUTIES, type Duty, type Role } from './app-config.js';
import { commonPasswords } from './common-passwords.js';
import { oidcOf, PASSWORD_LENGTH, previousSecrets, trustedProxies } from './door-settings.rules.js';
import { contentOf, givenNames, IN_FILES, readEnvironment } from './environment.js';
import { generatedSecret } from './generated-secret.js';
import { readMcpServers } from './mcp-servers.js';
import { DEFAULT_MODEL, modelAliases, modelPrices } from './model-settings.rules.js';
import { nameOf, ORIGINAL_NAMES, warnOfOriginalNames } from './original-names.rules.js';
import { policyComplaint } from './password-policy.rules.js';
import {
  choice,
  hostName,
  LOG_LEVELS,
  money,
  onOrOff,
  origins,
  postgresUrl,
  secret,
  serviceUrl,
  text,
  wholeNumber,
  type Environment,
} from './settings.rules.js';
import { StartError } from './start-error.js';
import { toolSettings } from './tool-settings.rules.js';
import { unknownNames, warningOf } from './unknown-names.rules.js';

const ENVIRONMENTS = { development: 'development', production: 'production', test: 'test' } as const;
const ROLES: Readonly<Record<string, Role>> = { viewer: 'viewer', operator: 'operator', admin: 'admin' };
const DEVELOPMENT_ORIGINS = ['http://localhost:3000', 'http://127.0.0.1:3000', 'http://localhost:8080'];
const PORTS = { min: 0, max: 65_535 };
const MIN_SECRET_LENGTH = 32;
const POOL_SIZE = 10;

/** Every variable NYX reads, but for the names of the original that are read with a warning. */
export const VARIABLES = [
  'NODE_ENV',
  'NYX_ROLES',
  'PORT',
  'HOST',
  'DATABASE_URL',
  'NYX_DATA_DIR',
  'NYX_WORKSPACE',
  'NYX_ADMIN_USERNAME',
  'NYX_ADMIN_PASSWORD',
  'JWT_SECRET',
  'JWT_PREVIOUS_SECRETS',
  'OIDC_ISSUER',
  'OIDC_AUDIENCE',
  'OIDC_ROLES_CLAIM',
  'TRUSTED_PROXIES',
  'ISOLATE_PRINCIPALS',
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_BASE_URL',
  'LLM_DEFAULT_MODEL',
  'LLM_FIRST_TOKEN_TIMEOUT_SECONDS',
  'LLM_MAX_CONCURRENT_CALLS',
  'LLM_QUEUE_TIMEOUT_SECONDS',
  'LLM_BREAKER_FAILURES',
  'LLM_BREAKER_PROBE_SECONDS',
  'LLM_MODEL_ALIASES',
  'LLM_PRICES',
  'LLM_DAILY_BUDGET_USD',
  'WORKFLOW_BUDGET_USD',
  'AUTONOMOUS_DAILY_BUDGET_USD',
  'NYX_REQUIRE_SANDBOX',
  'SANDBOX_MEMORY_MB',
  'SANDBOX_MAX_RUNS',
  'SANDBOX_ALLOWED_HOSTS',
  'HTTP_ALLOWED_HOSTS',
  'EGRESS_PRIVATE_RANGES',
  'NYX_MCP_CONFIG',
  'TOOL_RATE_PER_MINUTE',
  'WORKFLOW_TOOL_CALLS',
  'NYX_API_KEY',
  'NYX_API_KEY_ROLE',
  'RETENTION_WORKFLOWS_DAYS',
  'RETENTION_CALLS_DAYS',
  'RETENTION_TASKS_DAYS',
  'RETENTION_DELIVERIES_DAYS',
  'RETENTION_AUDIT_DAYS',
  'NYX_ARCHIVE_DIR',
  'CORS_ORIGINS',
  'RATE_LIMIT_PER_MINUTE',
  'METRICS_PORT',
  'LOG_LEVEL',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
] as const;

interface Reading {
  readonly variables: Environment;
  readonly isProduction: boolean;
  readonly warn: (sentence: string) => void;
}

/**
 * Validates the environment of the process and the `.env` of the folder it runs in. A secret that is not given is made and kept in the
 * data folder, which is created for it.
 * @throws StartError one sentence naming the variable that is wrong
 */
export function loadConfig(folder: string = process.cwd()): AppConfig {
  const read = new Set<string>([...VARIABLES, ...ORIGINAL_NAMES, ...IN_FILES.map((name) => `${name}_FILE`)]);
  // An MCP server's configuration names variables of its own.
  const variables = new Proxy(readEnvironment(folder), {
    get: (all, name: string) => (read.add(name), all[name]),
  });
  const config = configOf(variables, folder);
  const unknown = unknownNames(givenNames(folder), read).map((name) => warningOf(name, VARIABLES));
  return Object.assign(config, { warnings: [...config.warnings, ...unknown] });
}

/** The configuration that exactly these variables give; relative paths are in `folder`. */
export function configOf(variables: Environment, folder: string): AppConfig {
  const warnings: string[] = [];
  const warn = (sentence: string): void => void warnings.push(sentence);
  warnOfOriginalNames(variables, warn);
  const mode = choice(variables, 'NODE_ENV', ENVIRONMENTS) ?? 'development';
  const reading: Reading = { variables, isProduction: mode === 'production', warn };
  const dataDir = resolve(folder, text(variables, 'NYX_DATA_DIR') ?? '.nyx');
  const workspaceDir = workspaceOf(reading, dataDir, folder);
  const settings: Omit<AppConfig, 'jwtSecret'> = {
    environment: mode,
    duties: dutiesOf(variables),
    http: httpOf(reading),
    metricsPort: wholeNumber(variables, 'METRICS_PORT', PORTS),
    database: { url: databaseUrlOf(variables), poolSize: POOL_SIZE },
    dataDir,
    workspaceDir,
    admin: adminOf(reading),
    isolatePrincipals: onOrOff(variables, 'ISOLATE_PRINCIPALS') ?? false,
    deploymentApiKey: deploymentApiKeyOf(reading),
    llm: llmOf(reading),
    budget: budgetOf(variables),
    limits: limitsOf(variables),
    tools: toolsOf(reading, dataDir, folder),
    retention: retentionOf(variables, folder, workspaceDir),
    rateLimitPerMinute: wholeNumber(variables, 'RATE_LIMIT_PER_MINUTE', { min: 0, max: 1_000_000 }) ?? 600,
    logLevel: choice(variables, 'LOG_LEVEL', LOG_LEVELS, { ignoreCase: true }) ?? 'info',
    otelEndpoint: serviceUrl(variables, 'OTEL_EXPORTER_OTLP_ENDPOINT'),
    jwtPreviousSecrets: previousSecrets(variables, 'JWT_PREVIOUS_SECRETS', MIN_SECRET_LENGTH),
    oidc: oidcOf(variables, reading.isProduction),
    warnings,
  };
  checkPorts(settings);
  // The last: it makes a file, and nothing is made where something is wrong.
  const complete: AppConfig = { ...settings, jwtSecret: jwtSecretOf(reading, dataDir) };
  return Object.assign(new AppConfig(), complete);
}

function dutiesOf(variables: Environment): readonly Duty[] {
  const given = text(variables, 'NYX_ROLES')
    ?.split(',')
    .map((entry) => entry.trim());
  if (given === undefined) return DUTIES;
  const known: readonly string[] = DUTIES;
  if (given.some((entry) => !known.includes(entry))) {
    throw new StartError(`NYX_ROLES must be one or more of ${DUTIES.join(', ')}, separated by commas.`);
  }
  return DUTIES.filter((duty) => given.includes(duty));
}

function httpOf({ variables, isProduction }: Reading): AppConfig['http'] {
  const names = { host: nameOf(variables, 'HOST'), port: nameOf(variables, 'PORT') };
  return {
    host: hostName(variables, names.host) ?? '127.0.0.1',
    port: wholeNumber(variables, names.port, PORTS) ?? 8000,
    names,
    corsOrigins: origins(variables, 'CORS_ORIGINS') ?? (isProduction ? [] : DEVELOPMENT_ORIGINS),
    trustedProxies: trustedProxies(variables, 'TRUSTED_PROXIES'),
  };
}

/** What its parameters name is read for every connection: here it is said which of them is wrong. */
function databaseUrlOf(variables: Environment): string | undefined {
  const url = postgresUrl(variables, 'DATABASE_URL');
  const { searchParams } = new URL(url ?? 'postgresql:');
  for (const name of ['sslrootcert', 'sslcert', 'sslkey']) {
    const file = searchParams.get(name);
    if (file !== null && file !== '') contentOf(`${name} of DATABASE_URL`, file);
  }
  return url;
}

function checkPorts({ metricsPort, http }: Pick<AppConfig, 'http' | 'metricsPort'>): void {
  if (metricsPort && metricsPort === http.port) {
    throw new StartError(`METRICS_PORT must be another port than ${http.names.port}, and both are ${metricsPort}.`);
  }
}

/** Whether the folder is `inner` or has it in it. */
function contains(folder: string, inner: string): boolean {
  const path = relative(folder, inner);
  return path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}

/** Tools see everything in the workspace, so it may hold neither the database nor the secrets. */
function workspaceOf({ variables }: Reading, dataDir: string, folder: string): string {
  const given = text(variables, 'NYX_WORKSPACE');
  const workspace = given === undefined ? join(dataDir, 'workspace') : resolve(folder, given);
  if (contains(workspace, dataDir)) {
    throw new StartError('NYX_WORKSPACE must be a folder that does not contain NYX_DATA_DIR, where the secrets are.');
  }
  const database = join(dataDir, 'postgres');
  if (contains(database, workspace)) {
    throw new StartError(
      `NYX_WORKSPACE must be a folder outside ${database}, where the database and its password are.`,
    );
  }
  return workspace;
}

function retentionOf(variables: Environment, folder: string, workspace: string): AppConfig['retention'] {
  const days = (name: string): number | undefined => wholeNumber(variables, name, { min: 0, max: 36_500 });
  return {
    workflowsDays: days('RETENTION_WORKFLOWS_DAYS') ?? 365,
    callsDays: days('RETENTION_CALLS_DAYS'),
    tasksDays: days('RETENTION_TASKS_DAYS'),
    deliveriesDays: days('RETENTION_DELIVERIES_DAYS') ?? 7,
    auditDays: days('RETENTION_AUDIT_DAYS') ?? 730,
    archiveDir: archiveOf(variables, folder, workspace),
  };
}

/** It has the texts of everybody, which tools must neither read nor remove. */
function archiveOf(variables: Environment, folder: string, workspace: string): string | undefined {
  const given = text(variables, 'NYX_ARCHIVE_DIR');
  if (given === undefined) return undefined;
  const archive = resolve(folder, given);
  if (existsSync(archive) && !statSync(archive).isDirectory()) {
    throw new StartError(`NYX_ARCHIVE_DIR must be a folder, and ${archive} is a file.`);
  }
  if (contains(workspace, archive)) {
    throw new StartError(
      `NYX_ARCHIVE_DIR must be apart from the workspace (${workspace}), which tools read and change.`,
    );
  }
  return archive;
}

function adminOf(reading: Reading): AppConfig['admin'] {
  const username = text(reading.variables, 'NYX_ADMIN_USERNAME') ?? 'admin';
  if (!/^[A-Za-z0-9._@-]{1,100}$/.test(username)) {
    throw new StartError('NYX_ADMIN_USERNAME must be 1 to 100 of A-Z, a-z, 0-9 and ._@-.');
  }
  const password = secret(reading.variables, 'NYX_ADMIN_PASSWORD', reading);
  if (password !== undefined && (password.length < PASSWORD_LENGTH.min || password.length > PASSWORD_LENGTH.max)) {
    throw new StartError(
      `NYX_ADMIN_PASSWORD must have from ${PASSWORD_LENGTH.min} to ${PASSWORD_LENGTH.max} characters.`,
    );
  }
  const complaint = password === undefined ? undefined : policyComplaint(password, username, commonPasswords());
  if (complaint !== undefined)
    throw new StartError(`NYX_ADMIN_PASSWORD ${complaint}; choose one that is hard to guess.`);
  return { username, password };
}

function toolsOf({ variables }: Reading, dataDir: string, folder: string): AppConfig['tools'] {
  const settings = toolSettings(variables, folder);
  return { ...settings, mcpServers: readMcpServers(settings.mcpConfigPath, dataDir, variables) };
}

function jwtSecretOf(reading: Reading, dataDir: string): string {
  const name = nameOf(reading.variables, 'JWT_SECRET');
  const given = secret(reading.variables, name, { ...reading, minLength: MIN_SECRET_LENGTH });
  if (given !== undefined) return given;
  if (reading.isProduction) {
    throw new StartError(
      `JWT_SECRET must be set in production to at least ${MIN_SECRET_LENGTH} random characters, for example from \`openssl rand -base64 48\`.`,
    );
  }
  return generatedSecret(dataDir, 'jwt-secret');
}

function deploymentApiKeyOf(reading: Reading): AppConfig['deploymentApiKey'] {
  const key = secret(reading.variables, 'NYX_API_KEY', { ...reading, minLength: MIN_SECRET_LENGTH });
  const role = choice(reading.variables, 'NYX_API_KEY_ROLE', ROLES) ?? 'admin';
  if (key === undefined) return undefined;
  checkHeaderText('NYX_API_KEY', key);
  return { key, role };
}

function llmOf(reading: Reading): AppConfig['llm'] {
  const { variables } = reading;
  const apiKey = secret(variables, 'ANTHROPIC_API_KEY', reading);
  if (apiKey !== undefined) checkHeaderText('ANTHROPIC_API_KEY', apiKey);
  const baseUrl = serviceUrl(variables, 'ANTHROPIC_BASE_URL');
  if (baseUrl !== undefined && apiKey === undefined) {
    reading.warn('ANTHROPIC_BASE_URL does nothing without ANTHROPIC_API_KEY; a local server takes any key.');
  }
  const defaultModel = text(variables, 'LLM_DEFAULT_MODEL') ?? DEFAULT_MODEL;
  if (!/^\S{1,100}$/.test(defaultModel))
    throw new StartError('LLM_DEFAULT_MODEL must be the id or an alias of a model, without spaces.');
  const timeoutSeconds = wholeNumber(variables, 'LLM_TIMEOUT_SECONDS', { min: 1, max: 3600 }) ?? 60;
  return { apiKey, baseUrl, defaultModel, timeoutSeconds, ...llmGuardsOf(variables), ...modelSettingsOf(variables) };
}

function llmGuardsOf(variables: Environment) {
  const number = (name: string, fallback: number, max: number): number =>
    wholeNumber(variables, name, { min: 1, max }) ?? fallback;
  return {
    firstTokenTimeoutSeconds: number('LLM_FIRST_TOKEN_TIMEOUT_SECONDS', 30, 3600),
    maxConcurrentCalls: number('LLM_MAX_CONCURRENT_CALLS', 50, 10_000),
    queueTimeoutSeconds: number('LLM_QUEUE_TIMEOUT_SECONDS', 30, 3600),
    breakerFailures: number('LLM_BREAKER_FAILURES', 5, 1_000),
    breakerProbeSeconds: number('LLM_BREAKER_PROBE_SECONDS', 300, 86_400),
  };
}

function modelSettingsOf(variables: Environment): Pick<AppConfig['llm'], 'modelAliases' | 'modelPrices'> {
  const settings = {
    modelAliases: modelAliases(variables, 'LLM_MODEL_ALIASES'),
    modelPrices: modelPrices(variables, 'LLM_PRICES'),
  };
  const both = Object.keys(settings.modelAliases).find((name) => Object.hasOwn(settings.modelPrices, name));
  if (both !== undefined) {
    throw new StartError(`LLM_PRICES must name models, and ${JSON.stringify(both)} is an alias of LLM_MODEL_ALIASES.`);
  }
  return settings;
}

/** It travels in a header. */
function checkHeaderText(name: string, value: string): void {
  if (!/^[\x21-\x7e]+$/.test(value)) throw new StartError(`${name} must be ASCII characters without spaces.`);
}

function budgetOf(variables: Environment): AppConfig['budget'] {
  const workflowUsd = money(variables, 'WORKFLOW_BUDGET_USD') ?? new Decimal(5);
  // A day may have nothing to spend; a workflow that has not is refused as a request, and would be as a row.
  if (workflowUsd.isZero()) throw new StartError('WORKFLOW_BUDGET_USD must be more than 0.');
  return {
    dailyUsd: money(variables, 'LLM_DAILY_BUDGET_USD') ?? new Decimal(50),
    workflowUsd,
    autonomousDailyUsd: money(variables, 'AUTONOMOUS_DAILY_BUDGET_USD') ?? new Decimal(5),
  };
}

function limitsOf(variables: Environment): AppConfig['limits'] {
  return {
    maxRecursionDepth: wholeNumber(variables, 'DEFAULT_MAX_RECURSION_DEPTH', { min: 1, max: 100 }) ?? 10,
    maxConcurrentAgents: wholeNumber(variables, 'DEFAULT_MAX_CONCURRENT_AGENTS', { min: 1, max: 10_000 }) ?? 50,
    retryAttempts: wholeNumber(variables, 'DEFAULT_RETRY_ATTEMPTS', { min: 0, max: 20 }) ?? 3,
    toolTimeoutSeconds: wholeNumber(variables, 'TOOL_TIMEOUT_SECONDS', { min: 1, max: 3600 }) ?? 30,
  };
}
