import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Request } from 'express';
import { Strategy } from 'passport-jwt';
import { AccessTokens, EXPECTED, type PresentedClaims } from '../access-tokens.js';
import type { Principal } from '../principal.js';
import { presentedToken } from './bearer.rules.js';

export const TOKEN_STRATEGY = 'token';

/** Access tokens of ours, as Bearer. */
@Injectable()
export class TokenStrategy extends PassportStrategy(Strategy, TOKEN_STRATEGY) {
  constructor(private readonly tokens: AccessTokens) {
    super({
      ...EXPECTED,
      passReqToCallback: true,
      jwtFromRequest: (request: Request) => presentedToken(request.headers),
      secretOrKeyProvider: (_request, token: string, done) => {
        const key = tokens.keyOf(token);
        if (key === undefined) done('unknown key');
        else done(null, key as never);
      },
    });
  }

  async validate(request: Request, claims: PresentedClaims): Promise<Principal | false> {
    const principal = await this.tokens.principalOf(claims);
    const token = presentedToken(request.headers);
    if (principal !== undefined && token !== null) this.tokens.remember(token, claims);
    return principal ?? false;
  }
}
