import { Injectable, Logger } from '@nestjs/common';
import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { AppConfig } from '../../config/app-config.js';
import { cutTo } from '../../database/cut.rules.js';
import { derivedId } from '../../database/ids.js';
import { Problem } from '../../http/problem.js';
import type { Admission, Principal } from '../principal.js';
import { CLOCK_TOLERANCE_SECONDS, isInFuture } from '../strategies/jwt-parts.rules.js';
import { issuerNames, jwksUriOf, nameIn, OIDC_ALGORITHMS, roleIn } from './oidc-claims.rules.js';

const TIMEOUT_MS = 5_000;
/** Keys are read again when they are this old, and when a token names one that is not there, but not more often than each 30 s. */
const KEYS_MAX_AGE_MS = 10 * 60_000;
const KEYS_COOLDOWN_MS = 30_000;
const MAX_ANSWER_BYTES = 1024 * 1024;

/** What says that a token is wrong, not that the provider is away. */
const WRONG = [
  errors.JWTClaimValidationFailed,
  errors.JWTExpired,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
];

/** Access tokens of an outside OpenID provider: its signature by its published keys, asymmetric algorithms only, issuer, audience, expiry. */
@Injectable()
export class OidcProvider {
  private readonly logger = new Logger(OidcProvider.name);
  private readonly trusted: AppConfig['oidc'];
  private keys: Promise<JWTVerifyGetKey> | undefined;

  constructor({ oidc }: AppConfig) {
    this.trusted = oidc;
  }

  /** Whether a token that says it is from this issuer is to be verified here. */
  isOf(issuer: string | undefined): boolean {
    return this.trusted !== undefined && issuer !== undefined && issuerNames(this.trusted.issuer).includes(issuer);
  }

  /**
   * @returns undefined when the token is not good
   * @throws Problem IDENTITY_PROVIDER_UNAVAILABLE; FORBIDDEN when it is good and names no role
   */
  async principalFor(token: string): Promise<Principal | undefined> {
    return (await this.admissionFor(token))?.principal;
  }

  /** @returns and @throws as `principalFor` */
  async admissionFor(token: string): Promise<Admission | undefined> {
    if (this.trusted === undefined) return undefined;
    const { issuer, audience, rolesClaim } = this.trusted;
    const keys = await this.publishedKeys(issuer);
    const verified = await jwtVerify(token, keys, {
      issuer: issuerNames(issuer),
      audience,
      algorithms: [...OIDC_ALGORITHMS],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['sub', 'exp'],
    }).catch((error: unknown) => {
      if (WRONG.some((kind) => error instanceof kind)) return undefined;
      throw this.away(error);
    });
    if (verified === undefined) return undefined;
    const { sub = '', iat, exp = 0, ...claims } = verified.payload;
    if (iat !== undefined && isInFuture(iat)) return undefined;
    const role = roleIn(claims, rolesClaim);
    if (role === undefined) {
      throw new Problem('FORBIDDEN', `The token names none of the roles viewer, operator and admin in ${rolesClaim}.`);
    }
    const username = nameIn(claims) ?? cutTo(sub, 100);
    const principal = { id: derivedId('oidc', issuer, sub), username, role, kind: 'user' } as const;
    return { principal, expiresAt: new Date((exp + CLOCK_TOLERANCE_SECONDS) * 1000) };
  }

  private async publishedKeys(issuer: string): Promise<JWTVerifyGetKey> {
    this.keys ??= readKeys(issuer);
    try {
      return await this.keys;
    } catch (error) {
      this.keys = undefined;
      throw this.away(error);
    }
  }

  private away(error: unknown): Problem {
    this.logger.warn(`The identity provider could not be asked: ${String(error)}`);
    return new Problem('IDENTITY_PROVIDER_UNAVAILABLE', 'Who you are cannot be verified now; try again.', {
      retryAfterSeconds: 5,
      cause: error,
    });
  }
}

async function readKeys(issuer: string): Promise<JWTVerifyGetKey> {
  const response = await boundedFetch(`${issuer}/.well-known/openid-configuration`, {
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`its configuration answers ${response.status}`);
  return createRemoteJWKSet(jwksUriOf(await response.json(), issuer), {
    timeoutDuration: TIMEOUT_MS,
    cacheMaxAge: KEYS_MAX_AGE_MS,
    cooldownDuration: KEYS_COOLDOWN_MS,
    [customFetch]: boundedFetch,
  });
}

/** As `fetch`, but an answer that is too long is an error when it is read. */
async function boundedFetch(url: string, options: RequestInit): Promise<Response> {
  const response = await fetch(url, options);
  let bytes = 0;
  const bound = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > MAX_ANSWER_BYTES) controller.error(new Error(`it answers more than ${MAX_ANSWER_BYTES} bytes`));
      else controller.enqueue(chunk);
    },
  });
  const { status, headers } = response;
  return new Response(response.body?.pipeThrough(bound) ?? null, { status, headers });
}
