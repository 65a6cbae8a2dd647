import { Body, Controller, Get, Headers, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { CurrentPrincipal } from '../../auth/access.decorators.js';
import { BelongsTo, CurrentOwner, IN_STATEMENT, type Owner } from '../../auth/owner.js';
import type { Principal } from '../../auth/principal.js';
import { Costs } from '../../auth/rate-limits/cost-class.decorator.js';
import { RecordsItself } from '../../auth/audit/records-itself.decorator.js';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import { CurrentClaim, Idempotent } from '../../http/idempotency/idempotent.decorator.js';
import type { IdempotencyClaim } from '../../http/idempotency/idempotency.store.js';
import { UuidParam } from '../../http/uuid-param.js';
import { OWN_WORKFLOW } from './belonging.sql.js';
import { ExecuteWorkflow } from './dto/execute-workflow.dto.js';
import { ActiveWorkflows } from './dto/active-workflows.dto.js';
import {
  WorkflowAccepted,
  WorkflowChange,
  WorkflowDetail,
  WorkflowPage,
  WorkflowResult,
  WorkflowStatusView,
} from './dto/workflow-answers.dto.js';
import { ActiveQuery, TreeQuery, WorkflowFilter } from './dto/workflow-queries.dto.js';
import { WorkflowTree } from './dto/workflow-tree.dto.js';
import { send } from './reply.js';
import { WorkflowExecution } from './workflow-execution.service.js';
import { WorkflowQueries } from './workflow-queries.service.js';
import { WorkflowTrees } from './workflow-tree.service.js';

const APPLIED = {
  'Preference-Applied': { description: 'What of `Prefer` was honoured, when any was.', schema: { type: 'string' } },
} as const;

@ApiTags('orchestrator')
@BelongsTo(OWN_WORKFLOW)
@Controller('api/v1/orchestrator/workflows')
export class WorkflowsController {
  constructor(
    private readonly execution: WorkflowExecution,
    private readonly queries: WorkflowQueries,
    private readonly trees: WorkflowTrees,
  ) {}

  @Post('execute')
  @HttpCode(200)
  @RecordsItself()
  @Costs('llm')
  @Idempotent()
  @ApiOperation({
    summary: 'Execute a workflow',
    description:
      'Waits for the result, by default up to 240 seconds; a caller that goes away does not stop the workflow.',
  })
  @ApiHeader({
    name: 'Prefer',
    required: false,
    description:
      '`respond-async` answers 202 at once; `wait=N` waits up to N seconds, of more than 600 only 600; with both it waits first. ' +
      '`Preference-Applied` says what was honoured. What is not understood, such as `wait=-1`, is ignored, as RFC 7240 wants.',
    schema: { type: 'string', example: 'wait=60' },
  })
  @ApiOkResponse({ type: WorkflowResult, description: 'The workflow ended; `success` tells how.', headers: APPLIED })
  @ApiAcceptedResponse({
    type: WorkflowAccepted,
    description: 'The workflow goes on.',
    headers: { Location: { description: 'Where its status is.', schema: { type: 'string' } }, ...APPLIED },
  })
  @ApiProblems('UNKNOWN_MODEL', 'MODEL_UNPRICED')
  async executeWorkflow(
    @Body() body: ExecuteWorkflow,
    @CurrentPrincipal() principal: Principal,
    @CurrentClaim() claim: IdempotencyClaim | undefined,
    @Headers('prefer') prefer: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<WorkflowResult | WorkflowAccepted> {
    return send(response, await this.execution.execute(body, principal.id, claim, prefer));
  }

  @Get('active')
  @ApiOperation({ summary: 'List the workflows that have not ended, newest first' })
  @ApiOkResponse({ type: ActiveWorkflows })
  listActiveWorkflows(@Query() query: ActiveQuery, @CurrentOwner() owner: Owner): Promise<ActiveWorkflows> {
    return this.queries.active(query, owner);
  }

  @Get()
  @ApiOperation({ summary: 'List workflows, newest first' })
  @ApiOkResponse({ type: WorkflowPage })
  listWorkflows(@Query() filter: WorkflowFilter, @CurrentOwner() owner: Owner): Promise<WorkflowPage> {
    return this.queries.list(filter, owner);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Get a workflow: its input, result, budget and scores' })
  @ApiOkResponse({ type: WorkflowDetail })
  getWorkflow(@UuidParam() id: string): Promise<WorkflowDetail> {
    return this.queries.detail(id);
  }

  @Get(':id/status')
  @ApiOperation({ summary: 'Get the status and progress of a workflow' })
  @ApiOkResponse({ type: WorkflowStatusView })
  getWorkflowStatus(@UuidParam() id: string): Promise<WorkflowStatusView> {
    return this.queries.status(id);
  }

  @Get(':id/tree')
  @BelongsTo(IN_STATEMENT)
  @ApiOperation({
    summary: 'Get the thought tree of a workflow with its agents, model calls and tool runs',
    description:
      'Whole up to 1,000 thoughts; of a larger tree the oldest ones, and `next_cursor` leads to the others. Long texts are shown by ' +
      'their beginning; `GET /api/v1/llm/interactions/{id}` and `GET /api/v1/tools/executions/{id}` have them whole.',
  })
  @ApiOkResponse({ type: WorkflowTree })
  getWorkflowTree(
    @UuidParam() id: string,
    @Query() page: TreeQuery,
    @CurrentOwner() owner: Owner,
  ): Promise<WorkflowTree> {
    return this.trees.tree(id, page, owner);
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Cancel a workflow',
    description: 'Its model call in flight is aborted. Repeating it answers 200.',
  })
  @ApiAcceptedResponse({ type: WorkflowChange })
  @ApiOkResponse({ type: WorkflowChange, description: 'It was cancelled already.' })
  @ApiProblems('CONFLICT')
  async cancelWorkflow(
    @UuidParam() id: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<WorkflowChange> {
    return send(response, await this.execution.cancel(id));
  }
}
