import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '../auth/access.decorators.js';
import type { Plain } from '../http/plain.js';
import { MotivationalStatesDto } from './dto/motivational-states.dto.js';
import { MotivationService } from './motivation.service.js';

@ApiTags('motivational')
@Requires('viewer')
@Controller('api/v1/motivational')
export class MotivationController {
  constructor(private readonly motivation: MotivationService) {}

  @Get('states')
  @ApiOperation({ summary: 'Every motivation: how urgent, how satisfied, how it has fared.' })
  @ApiOkResponse({ type: MotivationalStatesDto, description: 'The motivations by name.' })
  getMotivationalStates(): Promise<Plain<MotivationalStatesDto>> {
    return this.motivation.states();
  }
}
