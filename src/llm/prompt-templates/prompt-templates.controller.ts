import { Body, Controller, Delete, Get, HttpCode, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '../../auth/access.decorators.js';
import { BelongsTo, DEPLOYMENT } from '../../auth/owner.js';
import type { Principal } from '../../auth/principal.js';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import { Idempotent } from '../../http/idempotency/idempotent.decorator.js';
import type { Plain } from '../../http/plain.js';
import { UuidParam } from '../../http/uuid-param.js';
import {
  CreatePromptTemplate,
  PromptTemplatePage,
  PromptTemplateQuery,
  PromptTemplateView,
  UpdatePromptTemplate,
} from './prompt-template.dto.js';
import { TemplateVersions } from './template-versions.service.js';

@ApiTags('llm')
@BelongsTo(DEPLOYMENT)
@Controller('api/v1/llm/prompt-templates')
export class PromptTemplatesController {
  constructor(private readonly versions: TemplateVersions) {}

  @Get()
  @Requires('viewer')
  @ApiOperation({
    summary: 'List versions of prompt templates, newest first',
    description: 'Every prompt that NYX sends by itself is a template. Each version is an item of its own.',
  })
  @ApiOkResponse({ type: PromptTemplatePage })
  listPromptTemplates(@Query() query: PromptTemplateQuery): Promise<Plain<PromptTemplatePage>> {
    return this.versions.list(query);
  }

  @Get(':id')
  @Requires('viewer')
  @ApiOperation({ summary: 'Get one version of a prompt template with its whole text' })
  @ApiOkResponse({ type: PromptTemplateView })
  getPromptTemplate(@UuidParam() id: string): Promise<Plain<PromptTemplateView>> {
    return this.versions.get(id);
  }

  @Post()
  @Requires('admin')
  @Idempotent()
  @ApiOperation({
    summary: 'Make a prompt template, or the next version of one',
    description:
      'Active at once, on every replica within moments, unless `activate` is false. A name that NYX itself uses keeps its type and exactly its variables.',
  })
  @ApiCreatedResponse({ type: PromptTemplateView })
  createPromptTemplate(
    @Body() body: CreatePromptTemplate,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Plain<PromptTemplateView>> {
    return this.versions.create(body, principal);
  }

  @Put(':id')
  @Requires('admin')
  @ApiOperation({
    summary: 'Make the next version of a prompt template out of an earlier one',
    description:
      'Versions never change: this makes a new one of the given fields, with those of version `id` where none is given, and answers it under its own id. When that is what the newest version says already, it answers the newest. Active at once unless `activate` is false.',
  })
  @ApiOkResponse({ type: PromptTemplateView })
  updatePromptTemplate(
    @UuidParam() id: string,
    @Body() body: UpdatePromptTemplate,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Plain<PromptTemplateView>> {
    return this.versions.update(id, body, principal);
  }

  @Post(':id/activate')
  @HttpCode(200)
  @Requires('admin')
  @ApiOperation({
    summary: 'Use this version of a prompt template from now on',
    description: 'Rolls back to an earlier version or forward to a later one. Repeating it changes nothing.',
  })
  @ApiOkResponse({ type: PromptTemplateView })
  @ApiProblems('CONFLICT')
  activatePromptTemplate(@UuidParam() id: string): Promise<Plain<PromptTemplateView>> {
    return this.versions.activate(id);
  }

  @Delete(':id')
  @HttpCode(204)
  @Requires('admin')
  @ApiOperation({
    summary: 'Delete a version of a prompt template',
    description:
      'Only what no call was made with and none will be: of a name that NYX uses, a version of your own that never was active; of another name, a version that was not used and, while there are others, is not the active one.',
  })
  @ApiNoContentResponse({ description: 'It is gone.' })
  @ApiProblems('CONFLICT')
  deletePromptTemplate(@UuidParam() id: string): Promise<void> {
    return this.versions.remove(id);
  }
}
