import { Decimal } from 'decimal.js';
import type { LogLevel } from './app-config.js';
import { StartError } from './start-error.js';

/** Variables by name; an empty one counts as unset. */
export type Environment = Readonly<Record<string, string | undefined>>;

export const LOG_LEVELS: Readonly<Record<string, LogLevel>> = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  fatal: 'fatal',
  critical: 'fatal',
  silent: 'silent',
};

/** As many digits as `numeric(20,10)` keeps. */
const MONEY = /^\d{1,10}(\.\d{1,10})?$/;
const PLACEHOLDER =
  /change.?me|change.?this|change.?it|replace.?(me|this|with)|(?<![A-Za-z0-9])your[-_ ]|<[^>]*>|placeholder|example|secret[-_ ]?key$|^(x{4,}|\*{4,}|\.{3,}|password|passw0rd|admin|secret|default|test|todo|none|null|undefined)$/i;

const refuse = (name: string, expectation: string, value?: string): StartError =>
  new StartError(
    `${name} must be ${expectation}${value === undefined ? '' : `, and is ${JSON.stringify(shortened(value))}`}.`,
  );

const parsed = (value: string): URL | null => (URL.canParse(value) ? new URL(value) : null);

/** Whether what it has of `%` can be read by who takes the URL apart. */
function isEscaped(url: string): boolean {
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    return false;
  }
}

const shortened = (value: string): string => (value.length > 60 ? `${value.slice(0, 60)}…` : value);

/** @throws StartError naming the variable, as every reader here does */
export function text(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  if (value === undefined || value === '') return undefined;
  if (/\p{Cc}/u.test(value)) throw refuse(name, 'one line of text without control characters');
  return value;
}

export function wholeNumber(
  environment: Environment,
  name: string,
  range: { readonly min: number; readonly max: number },
): number | undefined {
  const value = text(environment, name);
  if (value === undefined) return undefined;
  const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
  if (!(number >= range.min && number <= range.max)) {
    throw refuse(name, `a whole number from ${range.min} to ${range.max}`, value);
  }
  return number;
}

/** USD, at most ten decimals. */
export function money(environment: Environment, name: string): Decimal | undefined {
  const value = text(environment, name);
  if (value === undefined) return undefined;
  if (!MONEY.test(value))
    throw refuse(name, 'an amount in USD such as 5 or 0.25, not negative and with at most ten decimals', value);
  return new Decimal(value);
}

export function choice<T>(
  environment: Environment,
  name: string,
  choices: Readonly<Record<string, T>>,
  options: { readonly ignoreCase?: boolean } = {},
): T | undefined {
  const value = text(environment, name);
  if (value === undefined) return undefined;
  const key = options.ignoreCase ? value.toLowerCase() : value;
  const chosen = Object.hasOwn(choices, key) ? choices[key] : undefined;
  if (chosen === undefined) throw refuse(name, `one of ${Object.keys(choices).join(', ')}`, value);
  return chosen;
}

const SWITCH = { '1': true, true: true, '0': false, false: false } as const;

export const onOrOff = (environment: Environment, name: string): boolean | undefined =>
  choice<boolean>(environment, name, SWITCH, { ignoreCase: true });

/** An address of a service, http or https, without a trailing slash. */
export function serviceUrl(environment: Environment, name: string): string | undefined {
  const value = text(environment, name);
  if (value === undefined) return undefined;
  const url = parsed(value);
  if (!url || !/^https?:$/.test(url.protocol)) throw refuse(name, 'an http or https URL');
  return value.replace(/\/+$/, '');
}

export function hostName(environment: Environment, name: string): string | undefined {
  const value = text(environment, name);
  if (value === undefined) return undefined;
  if (!/^[A-Za-z0-9]([A-Za-z0-9.-]{0,252})$|^[0-9A-Fa-f:.]{2,45}$/.test(value)) {
    throw refuse(name, 'a host name or an IP address', value);
  }
  return value;
}

/** Origins as browsers send them. Credentials travel, so `*` is refused. */
export function origins(environment: Environment, name: string): readonly string[] | undefined {
  const value = text(environment, name);
  if (value === undefined) return undefined;
  return value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const url = parsed(entry);
      const isOrigin = url !== null && /^https?:$/.test(url.protocol) && /^https?:\/\/[^/?#@\s]+\/?$/i.test(entry);
      if (!isOrigin || entry.includes('*')) {
        throw refuse(name, 'a comma-separated list of origins such as https://app.example.com, without *', entry);
      }
      return url.origin;
    });
}

/** As `pg` reads it. `postgres://` and SQLAlchemy's `postgresql+asyncpg://` are understood. */
export function postgresUrl(environment: Environment, name: string): string | undefined {
  const value = text(environment, name);
  if (value === undefined) return undefined;
  const url = parsed(value.replace(/^postgres(ql)?(\+[a-z0-9]+)?:\/\//i, 'postgresql://'));
  if (url?.protocol !== 'postgresql:' || url.pathname.length < 2) {
    throw refuse(name, 'a PostgreSQL URL such as postgresql://user:password@host:5432/database');
  }
  if (!isEscaped(url.href)) {
    throw new StartError(
      `${name} has a % that begins no character of UTF-8: write each % of the password itself as %25.`,
    );
  }
  const port = Number(url.searchParams.get('port') ?? 1);
  // A client that cannot use it would never answer.
  if (!(port >= 1 && port <= 65_535)) throw refuse(name, 'a PostgreSQL URL whose port is a number from 1 to 65535');
  // Which `pg` takes where the URL has none.
  if (url.port === '' && !url.searchParams.has('port')) wholeNumber(environment, 'PGPORT', { min: 1, max: 65_535 });
  verifyServer(url.searchParams);
  return url.href;
}

const SSL_MODES = new Map([
  ['true', 'require'],
  ['1', 'require'],
  ['false', 'disable'],
  ['0', 'disable'],
]);
/** `pg` takes them for `verify-full`, and warns at each start that its next major version will verify less. */
const VERIFIED_BY_PG = ['prefer', 'require', 'verify-ca'];

/** Who wants libpq's meaning of modes says so by `uselibpqcompat=true`. */
function verifyServer(parameters: URLSearchParams): void {
  const given = parameters.getAll('sslmode').at(-1) ?? parameters.get('ssl');
  if (given === null) return;
  const mode = SSL_MODES.get(given) ?? given;
  const isVerified = VERIFIED_BY_PG.includes(mode) && parameters.get('uselibpqcompat') !== 'true';
  parameters.delete('ssl');
  parameters.set('sslmode', isVerified ? 'verify-full' : mode);
}

/** Never shown in a message. `minLength` and the refusal of placeholders bind in production; elsewhere they warn. */
export function secret(
  environment: Environment,
  name: string,
  rules: { readonly minLength?: number; readonly isProduction: boolean; readonly warn: (sentence: string) => void },
): string | undefined {
  const value = text(environment, name);
  if (value === undefined) return undefined;
  const complaint = secretComplaint(value, rules.minLength ?? 1);
  if (complaint === undefined) return value;
  if (rules.isProduction) throw new StartError(`${name} ${complaint}, which is refused in production.`);
  rules.warn(`${name} ${complaint}; it would be refused in production.`);
  return value;
}

/** The end of a sentence that begins with its name; undefined: nothing is wrong with it. */
export function secretComplaint(value: string, minLength: number): string | undefined {
  if (PLACEHOLDER.test(value) || new Set(value).size < 4) return 'is a placeholder';
  return value.length < minLength ? `has fewer than ${minLength} characters` : undefined;
}
