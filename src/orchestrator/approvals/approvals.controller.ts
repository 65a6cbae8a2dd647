import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal } from '../../auth/access.decorators.js';
import { BelongsTo, CurrentOwner, type Owner } from '../../auth/owner.js';
import type { Principal } from '../../auth/principal.js';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import type { Plain } from '../../http/plain.js';
import { UuidParam } from '../../http/uuid-param.js';
import { OWN_WORKFLOW } from '../workflows/belonging.sql.js';
import { ApprovalAnswer, ApprovalFilter, ApprovalPage, ApprovalView, WorkflowApprovals } from './approval.dto.js';
import { ApprovalQueries } from './approval-queries.js';
import { Approvals } from './approvals.js';

@ApiTags('orchestrator')
@BelongsTo(OWN_WORKFLOW)
@Controller('api/v1/orchestrator')
export class ApprovalsController {
  constructor(
    private readonly approvals: Approvals,
    private readonly queries: ApprovalQueries,
  ) {}

  @Get('approvals')
  @ApiOperation({ summary: 'List approvals, newest first: those that wait, or those of another status' })
  @ApiOkResponse({ type: ApprovalPage })
  listApprovals(@Query() filter: ApprovalFilter, @CurrentOwner() owner: Owner): Promise<Plain<ApprovalPage>> {
    return this.queries.list(filter, owner);
  }

  @Get('workflows/:id/approvals')
  @ApiOperation({ summary: 'List what a workflow asks people and asked them' })
  @ApiOkResponse({ type: WorkflowApprovals })
  listWorkflowApprovals(@UuidParam() id: string): Promise<Plain<WorkflowApprovals>> {
    return this.queries.ofWorkflow(id);
  }

  @Post('workflows/:id/approvals/:approval_id')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Approve or reject a tool call or a result',
    description: 'Once. The answer holds for exactly what was shown: for the arguments with that hash and no others.',
  })
  @ApiOkResponse({ type: ApprovalView })
  @ApiProblems('CONFLICT')
  async answerApproval(
    @UuidParam() id: string,
    @UuidParam('approval_id') approvalId: string,
    @Body() { decision, comment }: ApprovalAnswer,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Plain<ApprovalView>> {
    await this.approvals.answer({ workflowId: id, id: approvalId }, decision, principal.id, comment);
    return this.queries.get(approvalId);
  }
}
