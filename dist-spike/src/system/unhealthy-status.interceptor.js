var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
import { Injectable } from '@nestjs/common';
import { map } from 'rxjs';
const RETRY_AFTER_SECONDS = 2;
/** Answers that say `unhealthy` or `not_ready` are sent as 503, with the same body. */
let UnhealthyStatus = class UnhealthyStatus {
    intercept(context, next) {
        const response = context.switchToHttp().getResponse();
        return next.handle().pipe(map((body) => {
            const isDown = body.status === 'unhealthy' || body.status === 'not_ready';
            if (isDown)
                response.status(503).setHeader('Retry-After', RETRY_AFTER_SECONDS);
            return body;
        }));
    }
};
UnhealthyStatus = __decorate([
    Injectable()
], UnhealthyStatus);
export { UnhealthyStatus };
//# sourceMappingURL=unhealthy-status.interceptor.js.map