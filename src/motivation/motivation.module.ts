import { Module } from '@nestjs/common';
import { MotivationController } from './motivation.controller.js';
import { MotivationSeed } from './motivation-seed.service.js';
import { MotivationService } from './motivation.service.js';

@Module({
  controllers: [MotivationController],
  providers: [MotivationService, MotivationSeed],
  exports: [MotivationService],
})
export class MotivationModule {}
