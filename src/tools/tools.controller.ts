import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '../auth/access.decorators.js';
import type { Plain } from '../http/plain.js';
import { AvailableToolsDto } from './dto/available-tools.dto.js';
import { ToolRegistry } from './tool-registry.js';

@ApiTags('tools')
@Requires('viewer')
@Controller('api/v1/tools')
export class ToolsController {
  constructor(private readonly registry: ToolRegistry) {}

  @Get('available')
  @ApiOperation({ summary: 'The tools there are, whether each can be used, and if not, why.' })
  @ApiOkResponse({ type: AvailableToolsDto, description: 'The tools by name.' })
  getAvailableTools(): Plain<AvailableToolsDto> {
    return this.registry.available();
  }
}
