import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { AppConfig } from '../config/app-config.js';
import { isUuid } from '../http/uuid.rules.js';
import type { Admission, Principal } from './principal.js';
import { Sessions } from './sessions.service.js';
import { claimedKey, isInFuture } from './strategies/jwt-parts.rules.js';
import { ALGORITHM, AUDIENCE, ISSUER, type TokenClaims, verifyingKeys } from './tokens.js';

/** What a token of ours is held to besides its signature and its expiry. */
export const EXPECTED: { algorithms: [typeof ALGORITHM]; issuer: string; audience: string } = {
  algorithms: [ALGORITHM],
  issuer: ISSUER,
  audience: AUDIENCE,
};

export type PresentedClaims = Partial<Record<keyof TokenClaims | 'iat' | 'exp', unknown>>;

/** Tokens of which it is remembered that they were found good. */
const MAX_REMEMBERED = 1_000;

/** Access tokens of ours: the key they name, signature, algorithm, issuer, audience and expiry, then the session they belong to. */
@Injectable()
export class AccessTokens {
  private readonly keys: ReadonlyMap<string, KeyObject>;
  private readonly verified = new Map<string, PresentedClaims>();

  constructor(
    config: AppConfig,
    private readonly jwt: JwtService,
    private readonly sessions: Sessions,
  ) {
    this.keys = verifyingKeys(config);
  }

  /** Only keys of ours have a name here: whatever else a token names finds nothing. */
  keyOf(token: string): KeyObject | undefined {
    return this.keys.get(claimedKey(token) ?? '');
  }

  /** Whom the claims of a verified token stand for; undefined when they are not of ours, or their session is no more. */
  async principalOf({ sub, sid, ver, iat, exp }: PresentedClaims): Promise<Principal | undefined> {
    if (typeof exp !== 'number' || typeof iat !== 'number' || isInFuture(iat)) return undefined;
    if (!isUuid(sub) || !isUuid(sid) || typeof ver !== 'number' || !Number.isSafeInteger(ver)) return undefined;
    return this.sessions.principalFor({ sub, sid, ver });
  }

  /** A token that was verified: until it expires it need not be again. */
  remember(token: string, claims: PresentedClaims): void {
    const [oldest] = this.verified.keys();
    const isFull = this.verified.size >= MAX_REMEMBERED && !this.verified.has(token);
    if (isFull && oldest !== undefined) this.verified.delete(oldest);
    this.verified.set(token, claims);
  }

  /** Whom a token stands for that is remembered; undefined: it is to be verified. */
  async rememberedPrincipal(token: string): Promise<Principal | undefined> {
    const claims = this.verified.get(token);
    if (claims === undefined) return undefined;
    if (typeof claims.exp === 'number' && Date.now() < claims.exp * 1000) return this.principalOf(claims);
    this.verified.delete(token);
    return undefined;
  }

  /** Undefined when the token is not good. */
  async admissionFor(token: string): Promise<Admission | undefined> {
    const key = this.keyOf(token);
    if (key === undefined) return undefined;
    // The package takes key objects, and says it takes texts only.
    const options = { ...EXPECTED, secret: key as never };
    const claims = await this.jwt.verifyAsync<PresentedClaims>(token, options).catch(() => undefined);
    if (typeof claims?.exp !== 'number') return undefined;
    const principal = await this.principalOf(claims);
    return principal && { principal, expiresAt: new Date(claims.exp * 1000) };
  }
}
