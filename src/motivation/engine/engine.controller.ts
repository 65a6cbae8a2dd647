import { Body, Controller, Get, HttpCode, Post, Put } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '../../auth/access.decorators.js';
import type { Principal } from '../../auth/principal.js';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import type { Plain } from '../../http/plain.js';
import {
  EngineConfigAnswer,
  EngineConfigChange,
  EngineStarted,
  EngineStatusDto,
  EngineStopped,
  StopEngine,
} from './dto/engine.dto.js';
import { givenConfig } from './engine-presentation.js';
import { Engine } from './engine.service.js';

@ApiTags('motivational')
@Controller('api/v1/motivational/engine')
export class EngineController {
  constructor(private readonly engine: Engine) {}

  @Post('start')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Start the motivation engine',
    description:
      'For all replicas, and over restarts. Starting what runs is fine and changes nothing but the given configuration. Giving one needs the role admin; others start with the stored one.',
  })
  @ApiBody({ type: EngineConfigChange, required: false })
  @ApiOkResponse({ type: EngineStarted })
  startEngine(
    @CurrentPrincipal() principal: Principal,
    @Body() body?: EngineConfigChange,
  ): Promise<Plain<EngineStarted>> {
    return this.engine.start(givenConfig(body), principal);
  }

  @Post('stop')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Stop the motivation engine',
    description: 'No evaluation begins after the answer. Stopping what is stopped is fine.',
  })
  @ApiBody({ type: StopEngine, required: false })
  @ApiOkResponse({ type: EngineStopped })
  @ApiProblems('ENGINE_NOT_INITIALIZED')
  stopEngine(@Body() body?: StopEngine): Promise<Plain<EngineStopped>> {
    return this.engine.stop({ cancelRunning: body?.cancel_running ?? false });
  }

  @Put('config')
  @Requires('admin')
  @ApiOperation({
    summary: 'Change how the motivation engine works',
    description: 'Only what is given changes. It takes effect at once on every replica.',
  })
  @ApiOkResponse({ type: EngineConfigAnswer })
  @ApiProblems('VALIDATION_ERROR', 'ENGINE_NOT_RUNNING')
  configureEngine(@Body() body: EngineConfigChange): Promise<Plain<EngineConfigAnswer>> {
    return this.engine.configure(givenConfig(body));
  }

  @Get('status')
  @ApiOperation({ summary: 'Whether the motivation engine runs, how, and what came of its evaluations' })
  @ApiOkResponse({ type: EngineStatusDto })
  getEngineStatus(): Promise<Plain<EngineStatusDto>> {
    return this.engine.status();
  }
}
