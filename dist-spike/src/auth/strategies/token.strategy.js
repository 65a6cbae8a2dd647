var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-jwt';
import { AppConfig } from '../../config/app-config.js';
import { Sessions } from '../sessions.service.js';
import { ALGORITHM, AUDIENCE, ISSUER, signingKey } from '../tokens.js';
import { presentedToken } from './bearer.rules.js';
export const TOKEN_STRATEGY = 'token';
/** Access tokens: signature, algorithm, issuer, audience and expiry, then the session they belong to. */
let TokenStrategy = class TokenStrategy extends PassportStrategy(Strategy, TOKEN_STRATEGY) {
    sessions;
    constructor(config, sessions) {
        super({
            jwtFromRequest: (request) => presentedToken(request.headers),
            secretOrKey: signingKey(config),
            algorithms: [ALGORITHM],
            issuer: ISSUER,
            audience: AUDIENCE,
        });
        this.sessions = sessions;
    }
    async validate(claims) {
        const { sub, sid, ver } = claims;
        if (sub === undefined || sid === undefined || ver === undefined)
            return false;
        return (await this.sessions.principalFor({ sub, sid, ver })) ?? false;
    }
};
TokenStrategy = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [AppConfig,
        Sessions])
], TokenStrategy);
export { TokenStrategy };
//# sourceMappingURL=token.strategy.js.map