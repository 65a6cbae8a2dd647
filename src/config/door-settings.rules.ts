import ipaddr from 'ipaddr.js';
import type { AppConfig } from './app-config.js';
import { secretComplaint, serviceUrl, text, type Environment } from './settings.rules.js';
import { StartError } from './start-error.js';

/** Of everyone's password, in characters. */
export const PASSWORD_LENGTH = { min: 12, max: 200 };

const MAX_PREVIOUS_SECRETS = 10;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const CLAIM = /^[\w:/.-]{1,100}$/;

/** Secrets that signed tokens before the one that does now, separated by commas. Their values are in no message. */
export function previousSecrets(environment: Environment, name: string, minLength: number): readonly string[] {
  const secrets = listed(environment, name);
  if (secrets.length > MAX_PREVIOUS_SECRETS)
    throw new StartError(`${name} must list at most ${MAX_PREVIOUS_SECRETS} secrets.`);
  const complaint = secrets.map((secret) => secretComplaint(secret, minLength)).find((found) => found !== undefined);
  if (complaint !== undefined)
    throw new StartError(`${name} must be secrets separated by commas, and one of them ${complaint}.`);
  return secrets;
}

/** Addresses or CIDR ranges of proxies, separated by commas. Not all there are: then anybody would say where they come from. */
export function trustedProxies(environment: Environment, name: string): readonly string[] {
  const entries = listed(environment, name);
  const wrong = entries.find(
    (entry) => !ipaddr.isValid(entry) && (!ipaddr.isValidCIDR(entry) || ipaddr.parseCIDR(entry)[1] === 0),
  );
  if (wrong !== undefined) {
    throw new StartError(
      `${name} must be addresses or ranges of proxies separated by commas, such as 10.0.0.0/8, and ${JSON.stringify(wrong)} is none.`,
    );
  }
  return entries;
}

export function oidcOf(environment: Environment, isProduction: boolean): AppConfig['oidc'] {
  const issuer = serviceUrl(environment, 'OIDC_ISSUER');
  if (issuer !== undefined) checkIssuer(new URL(issuer), isProduction);
  const audience = text(environment, 'OIDC_AUDIENCE');
  const rolesClaim = text(environment, 'OIDC_ROLES_CLAIM') ?? 'roles';
  if (!CLAIM.test(rolesClaim))
    throw new StartError('OIDC_ROLES_CLAIM must be the name of a claim, such as roles or realm_access.roles.');
  if (issuer === undefined && audience === undefined) return undefined;
  if (issuer === undefined)
    throw new StartError('OIDC_ISSUER must be set where OIDC_AUDIENCE is: tokens of nobody are taken without it.');
  if (audience === undefined) {
    throw new StartError(
      'OIDC_AUDIENCE must be set where OIDC_ISSUER is, or tokens for any other service would be taken.',
    );
  }
  return { issuer, audience, rolesClaim };
}

/** Whoever stands between NYX and its provider could hand out keys of their own: only this machine may do without TLS, and not in production. */
function checkIssuer({ protocol, hostname }: URL, isProduction: boolean): void {
  if (protocol === 'https:') return;
  if (isProduction) throw new StartError('OIDC_ISSUER must be an https URL in production.');
  if (!LOOPBACK.test(hostname)) throw new StartError('OIDC_ISSUER must be an https URL, or one of this machine.');
}

const listed = (environment: Environment, name: string): string[] =>
  (text(environment, name) ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
