var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { applyDecorators, Injectable, SetMetadata, } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiProduces } from '@nestjs/swagger';
import { Problem } from './problem.js';
const PRODUCES = 'nyx:produces';
/** The content types of a route's answer, where it is not JSON alone. */
export const Produces = (...types) => applyDecorators(SetMetadata(PRODUCES, types), ApiProduces(...types));
/** Refuses (406) callers that accept nothing of what the route answers. */
let ContentNegotiation = class ContentNegotiation {
    reflector;
    constructor(reflector) {
        this.reflector = reflector;
    }
    intercept(context, next) {
        const types = this.reflector.getAllAndOverride(PRODUCES, [
            context.getHandler(),
            context.getClass(),
        ]) ?? ['application/json'];
        const request = context.switchToHttp().getRequest();
        if (request.headers.accept !== undefined && request.accepts(types) === false) {
            throw new Problem('NOT_ACCEPTABLE', `This address answers ${types.join(', ')}.`);
        }
        return next.handle();
    }
};
ContentNegotiation = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [Reflector])
], ContentNegotiation);
export { ContentNegotiation };
//# sourceMappingURL=content-negotiation.js.map