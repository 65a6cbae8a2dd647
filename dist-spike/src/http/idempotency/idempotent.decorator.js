var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { createHash } from 'node:crypto';
import { applyDecorators, createParamDecorator, Injectable, UseInterceptors, } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { firstValueFrom, from } from 'rxjs';
import { ApiProblems } from '../api-problems.decorator.js';
import { invalid } from '../problem.js';
import { bodyHash } from './body-hash.rules.js';
import { IdempotencyService } from './idempotency.service.js';
const KEY = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;
const REPLAYED_HEADERS = ['Location', 'Retry-After', 'Preference-Applied'];
const MAX_ROUTE_LENGTH = 200;
let IdempotencyInterceptor = class IdempotencyInterceptor {
    idempotency;
    constructor(idempotency) {
        this.idempotency = idempotency;
    }
    intercept(context, next) {
        const request = context.switchToHttp().getRequest();
        const claim = claimOf(request);
        if (!claim)
            return next.handle();
        request.idempotencyClaim = claim;
        return from(this.once(claim, context.switchToHttp().getResponse(), next));
    }
    async once(claim, response, next) {
        const gone = new AbortController();
        response.once('close', () => gone.abort());
        const work = async () => {
            const body = await firstValueFrom(next.handle(), { defaultValue: undefined });
            const text = body === undefined ? null : JSON.stringify(body);
            return { status: response.statusCode, headers: headersOf(response), body: text };
        };
        const answer = await this.idempotency.once(claim, work, gone.signal);
        if (answer.kind === 'replayed') {
            response.status(answer.response.status).set(answer.response.headers).set('Idempotency-Replayed', 'true');
        }
        return answer.response.body === null ? undefined : JSON.parse(answer.response.body);
    }
};
IdempotencyInterceptor = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [IdempotencyService])
], IdempotencyInterceptor);
export { IdempotencyInterceptor };
/** A POST that starts work: with an `Idempotency-Key` its result is kept for 24 hours and given again. */
export const Idempotent = () => applyDecorators(UseInterceptors(IdempotencyInterceptor), ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'Repeating a request with the same key and body gives the first result again, for 24 hours.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
}), ApiProblems('IDEMPOTENCY_MISMATCH'));
/** The claim under which this request runs; undefined when the caller sent no key. */
export const CurrentClaim = createParamDecorator((_data, context) => context.switchToHttp().getRequest().idempotencyClaim);
function claimOf(request) {
    const key = request.headers['idempotency-key'];
    if (key === undefined)
        return undefined;
    if (typeof key !== 'string' || !KEY.test(key)) {
        throw invalid('Idempotency-Key', 'must be 1 to 255 printable ASCII characters');
    }
    const [path = '', query = ''] = request.originalUrl.split('?', 2);
    return {
        principalId: request.user?.id ?? 'anonymous',
        route: shortened(`${request.method} ${path}`),
        key,
        bodyHash: bodyHash(query === '' ? request.body : { body: request.body, query }),
    };
}
const shortened = (route) => route.length <= MAX_ROUTE_LENGTH ? route : createHash('sha256').update(route).digest('hex');
function headersOf(response) {
    const present = REPLAYED_HEADERS.map((name) => [name, response.getHeader(name)]);
    return Object.fromEntries(present.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
}
//# sourceMappingURL=idempotent.decorator.js.map