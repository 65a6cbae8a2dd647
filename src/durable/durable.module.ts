import { Module } from '@nestjs/common';
import { SettingsModule } from '../settings/settings.module.js';
import { TelemetryModule } from '../telemetry/telemetry.module.js';
import { DurableEngine } from './durable-engine.js';
import { DurableLog } from './durable-log.js';
import { Durable } from './durable.service.js';
import { OverduePolls } from './overdue-polls.js';
import { Rewind } from './rewind.service.js';
import { Recovery } from './recovery.service.js';
import { UnrunClaims } from './unrun-claims.js';

@Module({
  imports: [SettingsModule, TelemetryModule],
  providers: [DurableLog, DurableEngine, Durable, OverduePolls, Recovery, Rewind, UnrunClaims],
  exports: [DurableEngine, Durable, Recovery, Rewind],
})
export class DurableModule {}
