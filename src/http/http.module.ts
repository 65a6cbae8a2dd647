import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { ContentNegotiation } from './content-negotiation.js';
import { IdempotencyService } from './idempotency/idempotency.service.js';
import { IdempotencyStore } from './idempotency/idempotency.store.js';
import { ProblemFilter } from './problem.filter.js';
import { RouteTable } from './route-table.js';
import { validationPipe } from './validation.js';

@Global()
@Module({
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
export class HttpModule {}
