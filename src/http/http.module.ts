import { Global, Module } from '@nestjs/common';
import { APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { TelemetryModule } from '../telemetry/telemetry.module.js';
import { ContentNegotiation } from './content-negotiation.js';
import { IdempotencyService } from './idempotency/idempotency.service.js';
import { IdempotencyStore } from './idempotency/idempotency.store.js';
import { RouteNames } from './route-names.js';
import { RouteTable } from './route-table.js';
import { UndeclaredBody } from './undeclared-body.js';
import { validationPipe } from './validation.js';

@Global()
@Module({
  imports: [TelemetryModule],
  providers: [
    RouteNames,
    RouteTable,
    IdempotencyStore,
    IdempotencyService,
    { provide: APP_INTERCEPTOR, useClass: ContentNegotiation },
    { provide: APP_INTERCEPTOR, useClass: UndeclaredBody },
    { provide: APP_PIPE, useFactory: validationPipe },
  ],
  exports: [RouteTable, IdempotencyService],
})
export class HttpModule {}
