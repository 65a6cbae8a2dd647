import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Request } from 'express';
import { Strategy } from 'passport-custom';
import { OidcProvider } from '../oidc/oidc-provider.js';
import type { Principal } from '../principal.js';
import { presentedToken } from './bearer.rules.js';
import { claimedIssuer } from './jwt-parts.rules.js';

export const OIDC_STRATEGY = 'oidc';

/** Access tokens of the OpenID provider that the deployment trusts. */
@Injectable()
export class OidcStrategy extends PassportStrategy(Strategy, OIDC_STRATEGY) {
  constructor(private readonly provider: OidcProvider) {
    super();
  }

  async validate(request: Request): Promise<Principal | false> {
    const token = presentedToken(request.headers);
    if (token === null || !this.provider.isOf(claimedIssuer(token))) return false;
    return (await this.provider.principalFor(token)) ?? false;
  }
}
