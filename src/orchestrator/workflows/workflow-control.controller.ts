import { Controller, Delete, HttpCode, Post, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Requires } from '../../auth/access.decorators.js';
import { BelongsTo } from '../../auth/owner.js';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import { UuidParam } from '../../http/uuid-param.js';
import { WorkflowErasure } from '../keeping/workflow-erasure.service.js';
import { OWN_WORKFLOW } from './belonging.sql.js';
import { WorkflowChange } from './dto/workflow-answers.dto.js';
import { send } from './reply.js';
import { WorkflowPause } from './workflow-pause.service.js';
import { WorkflowRetry } from './workflow-retry.service.js';

/** What people do to a workflow that was accepted, besides cancelling it. */
@ApiTags('orchestrator')
@BelongsTo(OWN_WORKFLOW)
@Controller('api/v1/orchestrator/workflows')
export class WorkflowControlController {
  constructor(
    private readonly pauses: WorkflowPause,
    private readonly retries: WorkflowRetry,
    private readonly erasure: WorkflowErasure,
  ) {}

  @Post(':id/pause')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Pause a workflow',
    description:
      'No model call and no tool is begun until it is resumed; those under way end. Nor does the workflow itself end: after its last ' +
      'call it waits with the result. The time does not count. Repeating it answers 200.',
  })
  @ApiAcceptedResponse({ type: WorkflowChange })
  @ApiOkResponse({ type: WorkflowChange, description: 'It was paused already.' })
  @ApiProblems('CONFLICT')
  async pauseWorkflow(
    @UuidParam() id: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<WorkflowChange> {
    return send(response, await this.pauses.pause(id));
  }

  @Post(':id/resume')
  @HttpCode(202)
  @ApiOperation({ summary: 'Resume a paused workflow', description: 'Repeating it answers 200.' })
  @ApiAcceptedResponse({ type: WorkflowChange })
  @ApiOkResponse({ type: WorkflowChange, description: 'It was not paused.' })
  @ApiProblems('CONFLICT')
  async resumeWorkflow(
    @UuidParam() id: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<WorkflowChange> {
    return send(response, await this.pauses.resume(id));
  }

  @Post(':id/retry')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Run a failed workflow again from where it failed',
    description:
      'Keeps its id, and what succeeded: that is not paid for again. What it spent stays spent, its time begins anew. ' +
      'Cancelled workflows and rejected results stay as people decided. Repeating it answers 200.',
  })
  @ApiAcceptedResponse({ type: WorkflowChange })
  @ApiOkResponse({ type: WorkflowChange, description: 'An earlier retry is under way.' })
  @ApiProblems('CONFLICT')
  async retryWorkflow(
    @UuidParam() id: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<WorkflowChange> {
    return send(response, await this.retries.retry(id));
  }

  @Delete(':id')
  @Requires('admin')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Erase a workflow that has ended',
    description:
      'With it go its thoughts, agents, model calls, tool runs, events, approvals, memories and checkpoints, for good. What was spent stays in the ' +
      'totals, without texts; so do workflows that continue it, with the excerpt that they were made with, and files in the workspace.',
  })
  @ApiNoContentResponse({ description: 'It is gone.' })
  @ApiProblems('CONFLICT')
  eraseWorkflow(@UuidParam() id: string): Promise<void> {
    return this.erasure.erase(id);
  }
}
