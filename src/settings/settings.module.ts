import { Module } from '@nestjs/common';
import { RuntimeSettings } from './runtime-settings.js';

@Module({ providers: [RuntimeSettings], exports: [RuntimeSettings] })
export class SettingsModule {}
