import { Controller, Get, UseInterceptors } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '../auth/access.decorators.js';
import type { Plain } from '../http/plain.js';
import { AboutService } from './about.service.js';
import { GreetingDto } from './dto/about.dto.js';
import { BriefHealthDto, LivenessDto, ReadinessDto } from './dto/health.dto.js';
import { HealthService } from './health.service.js';
import { UnhealthyStatus } from './unhealthy-status.interceptor.js';

@ApiTags('system')
@Public()
@UseInterceptors(UnhealthyStatus)
@Controller()
export class RootController {
  constructor(
    private readonly about: AboutService,
    private readonly health: HealthService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'What this is and where its documentation is.' })
  @ApiOkResponse({ type: GreetingDto, description: 'Name, version and addresses.' })
  getRoot(): Plain<GreetingDto> {
    return this.about.greeting();
  }

  @Get('health')
  @ApiOperation({ summary: 'Whether NYX is well: 503 when it is not.' })
  @ApiOkResponse({ type: BriefHealthDto, description: 'Healthy, or degraded.' })
  @ApiServiceUnavailableResponse({ type: BriefHealthDto, description: 'Unhealthy.' })
  getHealth(): Promise<Plain<BriefHealthDto>> {
    return this.health.brief();
  }

  @Get('livez')
  @ApiOperation({ summary: 'Whether the process answers. Looks at nothing else.' })
  @ApiOkResponse({ type: LivenessDto, description: 'It answers.' })
  getLiveness(): Plain<LivenessDto> {
    return { status: 'alive' };
  }

  @Get('readyz')
  @ApiOperation({ summary: 'Whether this replica can take work: 503 while its database is away or it is stopping.' })
  @ApiOkResponse({ type: ReadinessDto, description: 'Ready.' })
  @ApiServiceUnavailableResponse({ type: ReadinessDto, description: 'Not ready.' })
  getReadiness(): Promise<Plain<ReadinessDto>> {
    return this.health.readiness();
  }
}
