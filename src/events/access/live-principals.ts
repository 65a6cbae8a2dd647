import { Injectable } from '@nestjs/common';
import { AccessTokens } from '../../auth/access-tokens.js';
import { ApiKeys } from '../../auth/api-keys.service.js';
import { OidcProvider } from '../../auth/oidc/oidc-provider.js';
import type { Admission } from '../../auth/principal.js';
import { presentedApiKey, presentedToken, type PresentedHeaders } from '../../auth/strategies/bearer.rules.js';
import { claimedIssuer } from '../../auth/strategies/jwt-parts.rules.js';
import { Problem } from '../../http/problem.js';

/** A JWT of ours or of the OpenID provider, or an API key. */
export interface Credentials {
  readonly kind: 'token' | 'apiKey';
  readonly secret: string;
}

/** Whom credentials stand for, at first and later on; the same checks as those of requests. */
@Injectable()
export class LivePrincipals {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly provider: OidcProvider,
    private readonly apiKeys: ApiKeys,
  ) {}

  /** @throws Problem UNAUTHENTICATED; what the OpenID provider throws */
  async admit({ kind, secret }: Credentials): Promise<Admission> {
    const admission = kind === 'apiKey' ? await this.apiKeys.admissionFor(secret) : await this.ofToken(secret);
    if (admission === undefined) throw unauthenticated();
    return admission;
  }

  private ofToken(token: string): Promise<Admission | undefined> {
    const isOfProvider = this.provider.isOf(claimedIssuer(token));
    return isOfProvider ? this.provider.admissionFor(token) : this.tokens.admissionFor(token);
  }
}

/**
 * Of a handshake: `auth: {token}`, else `auth: {apiKey}`.
 * @throws Problem UNAUTHENTICATED where there are none
 */
export function credentialsIn(auth: Readonly<Record<string, unknown>>): Credentials {
  const { token, apiKey } = auth;
  if (typeof token === 'string' && token !== '') return { kind: 'token', secret: token };
  if (typeof apiKey === 'string' && apiKey !== '' && token === undefined) return { kind: 'apiKey', secret: apiKey };
  throw unauthenticated();
}

/**
 * Of a request that the guard let in.
 * @throws Problem UNAUTHENTICATED where there are none
 */
export function credentialsOf(headers: PresentedHeaders): Credentials {
  return credentialsIn({ token: presentedToken(headers) ?? undefined, apiKey: presentedApiKey(headers) });
}

const unauthenticated = (): Problem =>
  new Problem(
    'UNAUTHENTICATED',
    'Connect with auth: {token} or auth: {apiKey}; what was sent, if anything, is not valid.',
  );
