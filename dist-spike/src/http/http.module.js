var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { ContentNegotiation } from './content-negotiation.js';
import { IdempotencyService } from './idempotency/idempotency.service.js';
import { IdempotencyStore } from './idempotency/idempotency.store.js';
import { ProblemFilter } from './problem.filter.js';
import { RouteTable } from './route-table.js';
import { validationPipe } from './validation.js';
let HttpModule = class HttpModule {
};
HttpModule = __decorate([
    Global(),
    Module({
        providers: [
            RouteTable,
            IdempotencyStore,
            IdempotencyService,
            { provide: APP_FILTER, useClass: ProblemFilter },
            { provide: APP_INTERCEPTOR, useClass: ContentNegotiation },
            { provide: APP_PIPE, useFactory: validationPipe },
        ],
        exports: [RouteTable, IdempotencyService],
    })
], HttpModule);
export { HttpModule };
//# sourceMappingURL=http.module.js.map