import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Request } from 'express';
import { Strategy } from 'passport-custom';
import { ApiKeys } from '../api-keys.service.js';
import type { Principal } from '../principal.js';
import { presentedApiKey } from './bearer.rules.js';

export const API_KEY_STRATEGY = 'api-key';

/** API keys, as `X-API-Key` or as Bearer. */
@Injectable()
export class ApiKeyStrategy extends PassportStrategy(Strategy, API_KEY_STRATEGY) {
  constructor(private readonly apiKeys: ApiKeys) {
    super();
  }

  async validate(request: Request): Promise<Principal | false> {
    const key = presentedApiKey(request.headers);
    return key === undefined ? false : ((await this.apiKeys.principalFor(key)) ?? false);
  }
}
