import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal } from '../../auth/access.decorators.js';
import { BelongsTo, CurrentOwner, type Owner } from '../../auth/owner.js';
import type { Principal } from '../../auth/principal.js';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import { CurrentClaim, Idempotent } from '../../http/idempotency/idempotent.decorator.js';
import type { IdempotencyClaim } from '../../http/idempotency/idempotency.store.js';
import { PageQuery } from '../../http/page-query.dto.js';
import type { Plain } from '../../http/plain.js';
import { UuidParam } from '../../http/uuid-param.js';
import {
  CreateWorkflowTemplate,
  UpdateWorkflowTemplate,
  VersionQuery,
  WorkflowTemplatePage,
  WorkflowTemplateView,
} from './dto/workflow-template.dto.js';
import { OWN_TEMPLATE, SEEN_TEMPLATE } from './template-owner.sql.js';
import { WorkflowTemplates } from './workflow-templates.service.js';

@ApiTags('orchestrator')
@BelongsTo(SEEN_TEMPLATE)
@Controller('api/v1/orchestrator/workflow-templates')
export class WorkflowTemplatesController {
  constructor(private readonly templates: WorkflowTemplates) {}

  @Get()
  @ApiOperation({
    summary: 'List workflow templates in their newest versions, newest template first',
    description:
      'Where principals are kept apart: the own ones, and those that admins made for all, which only admins change.',
  })
  @ApiOkResponse({ type: WorkflowTemplatePage })
  listWorkflowTemplates(@Query() query: PageQuery, @CurrentOwner() owner: Owner): Promise<Plain<WorkflowTemplatePage>> {
    return this.templates.list(query, owner);
  }

  @Post()
  @Idempotent()
  @ApiOperation({
    summary: 'Store a workflow template',
    description:
      'A workflow request whose texts may hold `{{name}}`, filled by the `parameters` of a schedule or trigger; `{{event.type}}`, `{{event.source}}` and `{{event.details.…}}` are filled by the event of a trigger. Values are inserted as text.',
  })
  @ApiCreatedResponse({ type: WorkflowTemplateView })
  @ApiProblems('CONFLICT', 'UNKNOWN_MODEL', 'MODEL_UNPRICED')
  createWorkflowTemplate(
    @Body() body: CreateWorkflowTemplate,
    @CurrentPrincipal() principal: Principal,
    @CurrentClaim() claim: IdempotencyClaim | undefined,
  ): Promise<Plain<WorkflowTemplateView>> {
    return this.templates.create(body, principal, claim);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Get a workflow template, in its newest or an older version' })
  @ApiOkResponse({ type: WorkflowTemplateView })
  getWorkflowTemplate(
    @UuidParam() id: string,
    @Query() { version }: VersionQuery,
  ): Promise<Plain<WorkflowTemplateView>> {
    return this.templates.get(id, version);
  }

  @Get(':id/versions')
  @ApiOperation({ summary: 'List the versions of a workflow template, newest first' })
  @ApiOkResponse({ type: WorkflowTemplatePage })
  listWorkflowTemplateVersions(
    @UuidParam() id: string,
    @Query() query: PageQuery,
  ): Promise<Plain<WorkflowTemplatePage>> {
    return this.templates.versions(id, query);
  }

  @Patch(':id')
  @BelongsTo(OWN_TEMPLATE)
  @ApiOperation({
    summary: 'Change a workflow template',
    description:
      'Makes a new version, unless nothing but the name changes. What names it by its old name can then no longer run it.',
  })
  @ApiOkResponse({ type: WorkflowTemplateView })
  @ApiProblems('CONFLICT', 'UNKNOWN_MODEL', 'MODEL_UNPRICED')
  updateWorkflowTemplate(
    @UuidParam() id: string,
    @Body() body: UpdateWorkflowTemplate,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Plain<WorkflowTemplateView>> {
    return this.templates.update(id, body, principal.id);
  }

  @Delete(':id')
  @BelongsTo(OWN_TEMPLATE)
  @HttpCode(204)
  @ApiOperation({
    summary: 'Delete a workflow template with all its versions',
    description: 'Schedules and triggers that name it show an error until they name another.',
  })
  @ApiNoContentResponse({ description: 'It is gone.' })
  deleteWorkflowTemplate(@UuidParam() id: string): Promise<void> {
    return this.templates.remove(id);
  }
}
