import { Controller, HttpCode, Post, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import { UuidParam } from '../../http/uuid-param.js';
import { WorkflowChange } from './dto/workflow-answers.dto.js';
import type { Reply } from './workflow-execution.service.js';
import { WorkflowPause } from './workflow-pause.service.js';
import { WorkflowRetry } from './workflow-retry.service.js';

/** What people do to a workflow that was accepted, besides cancelling it. */
@ApiTags('orchestrator')
@Controller('api/v1/orchestrator/workflows')
export class WorkflowControlController {
  constructor(
    private readonly pauses: WorkflowPause,
    private readonly retries: WorkflowRetry,
  ) {}

  @Post(':id/pause')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Pause a workflow',
    description:
      'No model call and no tool is begun until it is resumed; those under way end. The time does not count. Repeating it answers 200.',
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
      'Cancelled workflows and rejected results stay as people decided.',
  })
  @ApiAcceptedResponse({ type: WorkflowChange })
  @ApiProblems('CONFLICT')
  async retryWorkflow(
    @UuidParam() id: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<WorkflowChange> {
    return send(response, await this.retries.retry(id));
  }
}

function send<T>(response: Response, { status, headers, body }: Reply<T>): T {
  response.status(status).set(headers);
  return body;
}
