import { Controller, Get, Header, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '../../auth/access.decorators.js';
import { Produces } from '../../http/content-negotiation.js';
import { Metrics } from '../../telemetry/metrics.js';

const TEXT = 'text/plain';

@ApiTags('system')
@Requires('viewer')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  @Produces(TEXT)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'What this replica counts and measures, for Prometheus.',
    description:
      'In the text format of Prometheus, version 0.0.4. What is counted over all replicas says so. With `METRICS_PORT` the same is also served, open, on that port.',
  })
  @ApiOkResponse({
    description: 'The metrics.',
    content: {
      [TEXT]: {
        schema: { type: 'string' },
        example:
          '# HELP nyx_workflows_running Workflows that this replica runs.\n# TYPE nyx_workflows_running gauge\nnyx_workflows_running 2\n',
      },
    },
  })
  async getMetrics(): Promise<StreamableFile> {
    return new StreamableFile(Buffer.from(await this.metrics.text()), { type: this.metrics.contentType });
  }
}
