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
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { Problem } from '../http/problem.js';
import { ACCESS } from './access.decorators.js';
import { principalOf } from './principal.js';
import { includesRole } from './roles.js';
import { API_KEY_STRATEGY } from './strategies/api-key.strategy.js';
import { TOKEN_STRATEGY } from './strategies/token.strategy.js';
const READS = new Set(['GET', 'HEAD']);
/** The one guard of every route: nobody without credentials, nobody below the role the route needs. */
let AccessGuard = class AccessGuard extends AuthGuard([TOKEN_STRATEGY, API_KEY_STRATEGY]) {
    reflector;
    constructor(reflector) {
        super();
        this.reflector = reflector;
    }
    async canActivate(context) {
        if (context.getType() !== 'http')
            return false;
        const declared = this.reflector.getAllAndOverride(ACCESS, [
            context.getHandler(),
            context.getClass(),
        ]);
        if (declared === 'none')
            return true;
        await super.canActivate(context);
        const request = context.switchToHttp().getRequest();
        const required = declared ?? (READS.has(request.method) ? 'viewer' : 'operator');
        if (!includesRole(principalOf(request).role, required)) {
            throw new Problem('FORBIDDEN', `This needs the role ${required}.`);
        }
        return true;
    }
    handleRequest(error, user) {
        if (error !== null && error !== undefined)
            throw error;
        if (user === false || user === undefined) {
            throw new Problem('UNAUTHENTICATED', 'Sign in, or send an API key; what was sent, if anything, is not valid.');
        }
        return user;
    }
};
AccessGuard = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [Reflector])
], AccessGuard);
export { AccessGuard };
//# sourceMappingURL=access.guard.js.map