import { Controller, Get, UseInterceptors } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { Requires } from '../auth/access.decorators.js';
import type { Plain } from '../http/plain.js';
import { AboutService } from './about.service.js';
import { InfoDto } from './dto/about.dto.js';
import { HealthDto } from './dto/health.dto.js';
import { StatusDto } from './dto/status.dto.js';
import { HealthService } from './health.service.js';
import { ReplicaList } from './replicas/replicas.dto.js';
import { Replicas } from './replicas/replicas.service.js';
import { SystemStats } from './stats/stats.dto.js';
import { SystemStatistics } from './stats/system-stats.service.js';
import { UnhealthyStatus } from './unhealthy-status.interceptor.js';

@ApiTags('system')
@Requires('viewer')
@Controller('api/v1/system')
export class SystemController {
  constructor(
    private readonly about: AboutService,
    private readonly health: HealthService,
    private readonly statistics: SystemStatistics,
    private readonly replicas: Replicas,
  ) {}

  @Get('health')
  @UseInterceptors(UnhealthyStatus)
  @ApiOperation({ summary: 'How NYX is, part by part: 503 when it is unhealthy.' })
  @ApiOkResponse({ type: HealthDto, description: 'Healthy, or degraded.' })
  @ApiServiceUnavailableResponse({ type: HealthDto, description: 'Unhealthy.' })
  getSystemHealth(): Promise<Plain<HealthDto>> {
    return this.health.report();
  }

  @Get('status')
  @ApiOperation({ summary: 'Uptime, environment and the state of every part.' })
  @ApiOkResponse({ type: StatusDto, description: 'The status.' })
  getSystemStatus(): Promise<Plain<StatusDto>> {
    return this.health.status();
  }

  @Get('info')
  @ApiOperation({ summary: 'Name, version, features and where things are.' })
  @ApiOkResponse({ type: InfoDto, description: 'About NYX.' })
  getSystemInfo(): Plain<InfoDto> {
    return this.about.info();
  }

  @Get('stats')
  @ApiOperation({
    summary: 'Count what there is, and what it cost and took.',
    description:
      'Of the whole deployment and since the beginning, whoever asks, exact at any moment; only `replica` is of the process that answers.',
  })
  @ApiOkResponse({ type: SystemStats, description: 'The statistics.' })
  getSystemStats(): Promise<Plain<SystemStats>> {
    return this.statistics.get();
  }

  @Get('replicas')
  @ApiOperation({ summary: 'The processes of NYX that work on this database.' })
  @ApiOkResponse({ type: ReplicaList, description: 'Those that are alive.' })
  listReplicas(): Promise<Plain<ReplicaList>> {
    return this.replicas.list();
  }
}
