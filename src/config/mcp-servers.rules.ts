import { isAllowedHost } from './allowed-hosts.rules.js';
import {
  secretsOfArguments,
  secretsOfEnvironment,
  secretsOfHeaders,
  secretsOfUrl,
  worthKeeping,
} from './mcp-secrets.rules.js';
import type { HttpMcpServer, McpRisk, McpServerConfig, StdioMcpServer } from './mcp-server.js';
import type { Environment } from './settings.rules.js';

const SERVER_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,199}$/;
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const HEADER_VALUE = /^[\x20-\x7e]*$/;
const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;
const MAX_SERVERS = 50;
const MAX_LIST = 100;
const MAX_TEXT = 32_768;
const MAX_TIMEOUT_SECONDS = 3600;

const RISKS: readonly McpRisk[] = ['read', 'write', 'network', 'execute'];
const COMMON_KEYS = ['type', 'risk', 'risks', 'timeout_seconds', 'disabled'];
const STDIO_KEYS = [...COMMON_KEYS, 'command', 'args', 'env', 'allowed_hosts'];
const HTTP_KEYS = [...COMMON_KEYS, 'url', 'headers'];
/** What other clients keep in the same file for themselves. */
const KEYS_OF_OTHERS = ['alwaysAllow', 'autoApprove', 'description'];
const TYPES = { stdio: ['stdio'], http: ['http', 'streamable-http', 'streamableHttp'] } as const;

/** Secrets of NYX itself: no server is ever handed one. */
const OWN_SECRETS = new Set([
  'ANTHROPIC_API_KEY',
  'DATABASE_URL',
  'JWT_SECRET',
  'JWT_PREVIOUS_SECRETS',
  'NYX_ADMIN_PASSWORD',
  'NYX_API_KEY',
  'SECRET_KEY',
]);

/** What is wrong, where: the rest of a sentence that begins with the file. It never holds a value of `env` or `headers`. */
export class McpConfigError extends Error {
  constructor(place: string, expectation: string) {
    super(`${place} must ${expectation}`);
    this.name = 'McpConfigError';
  }
}

/**
 * The servers of a parsed file, without those that are disabled. `${NAME}` and `${NAME:-default}` in `env`, `headers` and `url` stand
 * for variables of the environment.
 * @throws McpConfigError
 */
export function mcpServersOf(file: unknown, variables: Environment): McpServerConfig[] {
  const servers = recordAt(file, 'The file').mcpServers;
  if (servers === undefined) throw new McpConfigError('The file', 'be an object with "mcpServers"');
  const entries = Object.entries(recordAt(servers, 'mcpServers'));
  if (entries.length > MAX_SERVERS) throw new McpConfigError('mcpServers', `name at most ${MAX_SERVERS} servers`);
  return entries.flatMap(([name, value]) => {
    const server = serverOf(name, value, variables);
    return server === undefined ? [] : [server];
  });
}

function serverOf(name: string, value: unknown, variables: Environment): McpServerConfig | undefined {
  if (!SERVER_NAME.test(name)) {
    const shown = JSON.stringify(name.slice(0, 80));
    throw new McpConfigError(`The name ${shown} in mcpServers`, 'be 1 to 64 of A-Z, a-z, 0-9, _ and -');
  }
  const place = `mcpServers.${name}`;
  const entry = recordAt(value, place);
  if ((entry.command === undefined) === (entry.url === undefined)) {
    throw new McpConfigError(place, 'have either "command" or "url"');
  }
  const kind = entry.url === undefined ? 'stdio' : 'http';
  checkKeys(entry, kind === 'stdio' ? STDIO_KEYS : HTTP_KEYS, place);
  checkType(entry.type, kind, place);
  if (flagAt(entry.disabled, `${place}.disabled`)) return undefined;
  const reader = new ValueReader(variables);
  const base = {
    name,
    risk: entry.risk === undefined ? (kind === 'stdio' ? 'execute' : 'network') : riskAt(entry.risk, `${place}.risk`),
    risks: risksAt(entry.risks, `${place}.risks`),
    timeoutSeconds: secondsAt(entry.timeout_seconds, `${place}.timeout_seconds`),
  } as const;
  return kind === 'stdio' ? stdioServer(base, entry, place, reader) : httpServer(base, entry, place, reader);
}

type Base = Omit<StdioMcpServer, 'kind' | 'command' | 'args' | 'environment' | 'allowedHosts' | 'secrets'>;
type Entry = Readonly<Record<string, unknown>>;

function stdioServer(base: Base, entry: Entry, place: string, reader: ValueReader): StdioMcpServer {
  const command = textAt(entry.command, `${place}.command`);
  if (command.trim() === '') throw new McpConfigError(`${place}.command`, 'name a program');
  const environment = reader.texts(entry.env, `${place}.env`, {
    name: [VARIABLE_NAME, 'be the name of an environment variable'],
    value: [/^[^\0]*$/, 'be without the character NUL'],
  });
  const args = listAt(entry.args, `${place}.args`).map((arg, index) => textAt(arg, `${place}.args[${index}]`));
  return {
    ...base,
    kind: 'stdio',
    command,
    args,
    environment,
    allowedHosts: listAt(entry.allowed_hosts, `${place}.allowed_hosts`).map((host, index) =>
      hostAt(host, `${place}.allowed_hosts[${index}]`),
    ),
    secrets: worthKeeping([...secretsOfEnvironment(environment), ...secretsOfArguments(args), ...reader.expanded]),
  };
}

function httpServer(base: Base, entry: Entry, place: string, reader: ValueReader): HttpMcpServer {
  const url = urlAt(reader.expand(textAt(entry.url, `${place}.url`), `${place}.url`), `${place}.url`);
  const headers = reader.texts(entry.headers, `${place}.headers`, {
    name: [HEADER_NAME, 'be the name of a header'],
    value: [HEADER_VALUE, 'be printable ASCII'],
  });
  const secrets = worthKeeping([...secretsOfHeaders(headers), ...secretsOfUrl(url), ...reader.expanded]);
  return { ...base, kind: 'http', url, headers, secrets };
}

interface TextRules {
  readonly name: readonly [RegExp, string];
  readonly value: readonly [RegExp, string];
}

/** Reads texts in which variables may stand, and remembers what those held. */
class ValueReader {
  readonly expanded: string[] = [];

  constructor(private readonly variables: Environment) {}

  texts(value: unknown, place: string, rules: TextRules): Record<string, string> {
    if (value === undefined) return {};
    const entries = Object.entries(recordAt(value, place));
    if (entries.length > MAX_LIST) throw new McpConfigError(place, `have at most ${MAX_LIST} entries`);
    return Object.fromEntries(
      entries.map(([name, given]) => {
        const [namePattern, nameRule] = rules.name;
        if (!namePattern.test(name)) throw new McpConfigError(`Each name in ${place}`, nameRule);
        const text = this.expand(textAt(given, `${place}.${name}`), `${place}.${name}`);
        const [valuePattern, valueRule] = rules.value;
        if (!valuePattern.test(text)) throw new McpConfigError(`${place}.${name}`, valueRule);
        return [name, text];
      }),
    );
  }

  expand(text: string, place: string): string {
    return text.replace(REFERENCE, (_all, name: string, fallback: string | undefined) => {
      if (OWN_SECRETS.has(name)) throw new McpConfigError(place, `not hand out ${name}, which is a secret of NYX`);
      const value = this.variables[name] || fallback;
      if (value === undefined) throw new McpConfigError(place, `name variables that are set, and ${name} is not`);
      this.expanded.push(value);
      return value;
    });
  }
}

function checkKeys(entry: Entry, known: readonly string[], place: string): void {
  const stranger = Object.keys(entry).find((key) => !known.includes(key) && !KEYS_OF_OTHERS.includes(key));
  if (stranger === undefined) return;
  throw new McpConfigError(place, `not have ${JSON.stringify(stranger.slice(0, 80))}: it knows ${known.join(', ')}`);
}

function checkType(type: unknown, kind: 'stdio' | 'http', place: string): void {
  if (type === undefined || (TYPES[kind] as readonly unknown[]).includes(type)) return;
  const which = kind === 'stdio' ? '"stdio", as it has a command' : '"http" (streamable HTTP), as it has a url';
  throw new McpConfigError(`${place}.type`, `be ${which}`);
}

function recordAt(value: unknown, place: string): Entry {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Entry;
  throw new McpConfigError(place, 'be an object');
}

function listAt(value: unknown, place: string): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.length <= MAX_LIST) return value as readonly unknown[];
  throw new McpConfigError(place, `be a list of at most ${MAX_LIST} texts`);
}

function textAt(value: unknown, place: string): string {
  if (typeof value === 'string' && value.length <= MAX_TEXT && !value.includes('\0')) return value;
  throw new McpConfigError(place, `be a text of at most ${MAX_TEXT} characters`);
}

function flagAt(value: unknown, place: string): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  throw new McpConfigError(place, 'be true or false');
}

function riskAt(value: unknown, place: string): McpRisk {
  const risk = RISKS.find((each) => each === value);
  if (risk === undefined) throw new McpConfigError(place, `be one of ${RISKS.join(', ')}`);
  return risk;
}

const risksAt = (value: unknown, place: string): Record<string, McpRisk> =>
  value === undefined
    ? {}
    : Object.fromEntries(
        Object.entries(recordAt(value, place)).map(([tool, risk]) => [tool, riskAt(risk, `${place}.${tool}`)]),
      );

function secondsAt(value: unknown, place: string): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_TIMEOUT_SECONDS) return value;
  throw new McpConfigError(place, `be a whole number of seconds from 1 to ${MAX_TIMEOUT_SECONDS}`);
}

function hostAt(value: unknown, place: string): string {
  const host = textAt(value, place).toLowerCase();
  if (isAllowedHost(host)) return host;
  throw new McpConfigError(place, 'be a host such as api.example.com, *.example.com or example.com:8443');
}

function urlAt(value: string, place: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
    throw new McpConfigError(place, 'be an address with http or https, without a user in it');
  }
  url.hash = '';
  return url.href;
}
