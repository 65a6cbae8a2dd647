import { cutTo } from '../../database/cut.rules.js';
import { type Role, ROLES } from '../roles.js';

/** Asymmetric ones only: with a symmetric one the published key would be the secret. */
export const OIDC_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

type Claims = Readonly<Record<string, unknown>>;

/** The highest role that a claim names, a text (words apart) or a list; a dotted name leads into objects, as in `realm_access.roles`. */
export function roleIn(claims: Claims, claimName: string): Role | undefined {
  const claim = Object.hasOwn(claims, claimName) ? claims[claimName] : within(claims, claimName.split('.'));
  const named = typeof claim === 'string' ? claim.split(/[\s,]+/) : Array.isArray(claim) ? (claim as unknown[]) : [];
  return ROLES.findLast((role) => named.includes(role));
}

export function nameIn(claims: Claims): string | undefined {
  const name = [claims.preferred_username, claims.email, claims.name].find(
    (value): value is string => typeof value === 'string' && value.trim() !== '',
  );
  return name && cutTo(name.replaceAll(/\p{Cc}/gu, ' ').trim(), 100);
}

/** Providers that end their name in a slash say so in tokens too, whether or not the deployment wrote it. */
export const issuerNames = (issuer: string): string[] => [issuer, `${issuer}/`];

/** @throws Error when the configuration is another issuer's, or names no place for its keys */
export function jwksUriOf(configuration: unknown, issuer: string): URL {
  const { issuer: said, jwks_uri: uri } = (configuration ?? {}) as { issuer?: unknown; jwks_uri?: unknown };
  if (typeof said !== 'string' || !issuerNames(issuer).includes(said))
    throw new Error('its configuration names another issuer');
  if (typeof uri !== 'string' || !URL.canParse(uri)) throw new Error('its configuration names no keys');
  const keys = new URL(uri);
  if (keys.protocol !== 'https:' && keys.protocol !== new URL(issuer).protocol)
    throw new Error('its keys are not behind https');
  return keys;
}

function within(value: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return within((value as Claims)[name], rest);
}
