import { Module } from '@nestjs/common';
import { DurableEngine } from './durable-engine.js';
import { Durable } from './durable.service.js';
import { Rewind } from './rewind.service.js';
import { Recovery } from './recovery.service.js';

@Module({
  providers: [DurableEngine, Durable, Recovery, Rewind],
  exports: [DurableEngine, Durable, Recovery, Rewind],
})
export class DurableModule {}
