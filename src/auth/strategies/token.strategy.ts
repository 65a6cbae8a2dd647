import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Request } from 'express';
import { Strategy } from 'passport-jwt';
import { AppConfig } from '../../config/app-config.js';
import { isUuid } from '../../http/uuid-param.js';
import type { Principal } from '../principal.js';
import { Sessions } from '../sessions.service.js';
import { ALGORITHM, AUDIENCE, ISSUER, signingKey, type TokenClaims } from '../tokens.js';
import { presentedToken } from './bearer.rules.js';

export const TOKEN_STRATEGY = 'token';

/** Access tokens: signature, algorithm, issuer, audience and expiry, then the session they belong to. */
@Injectable()
export class TokenStrategy extends PassportStrategy(Strategy, TOKEN_STRATEGY) {
  constructor(
    config: AppConfig,
    private readonly sessions: Sessions,
  ) {
    super({
      jwtFromRequest: (request: Request) => presentedToken(request.headers),
      secretOrKey: signingKey(config) as never,
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
    });
  }

  async validate({ sub, sid, ver }: Partial<Record<keyof TokenClaims, unknown>>): Promise<Principal | false> {
    if (!isUuid(sub) || !isUuid(sid) || typeof ver !== 'number' || !Number.isSafeInteger(ver)) return false;
    return (await this.sessions.principalFor({ sub, sid, ver })) ?? false;
  }
}
