import { Body, Controller, Get, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { CurrentPrincipal, Requires } from '../auth/access.decorators.js';
import { BelongsTo, CurrentOwner, type Owner } from '../auth/owner.js';
import type { Principal } from '../auth/principal.js';
import { Costs } from '../auth/rate-limits/cost-class.decorator.js';
import { RecordsItself } from '../auth/audit/records-itself.decorator.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { CurrentClaim, Idempotent } from '../http/idempotency/idempotent.decorator.js';
import type { IdempotencyClaim } from '../http/idempotency/idempotency.store.js';
import type { Plain } from '../http/plain.js';
import { UuidParam } from '../http/uuid-param.js';
import { AvailableToolsDto } from './dto/available-tools.dto.js';
import { ExecuteQuery, ExecuteRequest, ExecuteResponse } from './execute/execute.dto.js';
import { ExecuteService } from './execute/execute.service.js';
import { ExecutionPage, ExecutionQuery, ExecutionView } from './executions/execution.dto.js';
import { Executions } from './executions/executions.service.js';
import { ToolRegistry } from './tool-registry.js';

@ApiTags('tools')
@Requires('viewer')
@Controller('api/v1/tools')
export class ToolsController {
  constructor(
    private readonly registry: ToolRegistry,
    private readonly execution: ExecuteService,
    private readonly executions: Executions,
  ) {}

  @Get('available')
  @ApiOperation({ summary: 'The tools there are, whether each can be used, and if not, why.' })
  @ApiOkResponse({ type: AvailableToolsDto, description: 'The tools by name.' })
  getAvailableTools(): Plain<AvailableToolsDto> {
    return this.registry.available();
  }

  @Post('execute')
  @HttpCode(200)
  @RecordsItself()
  @Costs('tool')
  @Requires('operator')
  @Idempotent()
  @ApiOperation({
    summary: 'Run a tool',
    description:
      'A tool that ran and failed is a 200 with success false. Every run is a row, also one that was refused; what is no run (an unknown tool, wrong parameters, a tool that cannot be used) writes nothing. With `tool_name` in the query, the body is the parameters. A caller who goes away without an Idempotency-Key stops the tool.',
  })
  @ApiBody({ type: ExecuteRequest })
  @ApiOkResponse({ type: ExecuteResponse })
  @ApiProblems('UNKNOWN_TOOL', 'TOOL_REFUSED', 'RATE_LIMITED', 'SANDBOX_UNAVAILABLE', 'TOOL_UNAVAILABLE')
  executeTool(
    @Query() query: ExecuteQuery,
    @Body() body: object | undefined,
    @CurrentPrincipal() principal: Principal,
    @CurrentOwner() owner: Owner,
    @CurrentClaim() key: IdempotencyClaim | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Plain<ExecuteResponse>> {
    return this.execution.execute(query, body, principal, owner, key, response);
  }

  @Get('executions')
  @ApiOperation({ summary: 'List runs of tools, newest first', description: 'Also those that were refused.' })
  @ApiOkResponse({ type: ExecutionPage })
  listExecutions(@Query() query: ExecutionQuery, @CurrentOwner() owner: Owner): Promise<Plain<ExecutionPage>> {
    return this.executions.list(query, owner);
  }

  @Get('executions/:id')
  @BelongsTo('SELECT FROM tool_executions WHERE id = $1 AND principal_id = $2')
  @ApiOperation({ summary: 'Get one run of a tool with its whole input and output' })
  @ApiOkResponse({ type: ExecutionView })
  getExecution(@UuidParam() id: string): Promise<Plain<ExecutionView>> {
    return this.executions.get(id);
  }
}
