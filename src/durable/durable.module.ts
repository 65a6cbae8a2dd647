import { Module } from '@nestjs/common';
import { DurableEngine } from './durable-engine.js';
import { Durable } from './durable.service.js';
import { Recovery } from './recovery.service.js';

@Module({
  providers: [DurableEngine, Durable, Recovery],
  exports: [DurableEngine, Durable, Recovery],
})
export class DurableModule {}
