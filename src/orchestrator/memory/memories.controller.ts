import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '../../auth/access.decorators.js';
import { BelongsTo } from '../../auth/owner.js';
import type { Principal } from '../../auth/principal.js';
import type { IdempotencyClaim } from '../../http/idempotency/idempotency.store.js';
import { CurrentClaim, Idempotent } from '../../http/idempotency/idempotent.decorator.js';
import type { Plain } from '../../http/plain.js';
import { UuidParam } from '../../http/uuid-param.js';
import { CreateMemory, MemoryPage, MemoryQueryDto, MemoryView } from './dto/memory.dto.js';
import { Memories } from './memories.service.js';

@ApiTags('orchestrator')
@BelongsTo('SELECT FROM memories WHERE id = $1 AND principal_id = $2')
@Controller('api/v1/orchestrator/memories')
export class MemoriesController {
  constructor(private readonly memories: Memories) {}

  @Get()
  @Requires('viewer')
  @ApiOperation({ summary: 'List memories, newest first, or search them, most relevant first' })
  @ApiOkResponse({ type: MemoryPage })
  listMemories(@Query() query: MemoryQueryDto, @CurrentPrincipal() principal: Principal): Promise<Plain<MemoryPage>> {
    return this.memories.list(query, principal);
  }

  @Get(':id')
  @Requires('viewer')
  @ApiOperation({ summary: 'Get a memory' })
  @ApiOkResponse({ type: MemoryView })
  getMemory(@UuidParam() id: string, @CurrentPrincipal() principal: Principal): Promise<Plain<MemoryView>> {
    return this.memories.get(id, principal);
  }

  @Post()
  @Requires('operator')
  @Idempotent()
  @ApiOperation({
    summary: 'Write a memory',
    description:
      'Global memories are shown to the planner of every workflow they have to do with, as notes that nobody vouches for.',
  })
  @ApiCreatedResponse({ type: MemoryView })
  createMemory(
    @Body() body: CreateMemory,
    @CurrentPrincipal() principal: Principal,
    @CurrentClaim() claim: IdempotencyClaim | undefined,
  ): Promise<Plain<MemoryView>> {
    return this.memories.create(body, principal, claim);
  }

  @Delete(':id')
  @HttpCode(204)
  @Requires('operator')
  @ApiOperation({ summary: 'Forget a memory' })
  @ApiNoContentResponse({ description: 'It is gone.' })
  forgetMemory(@UuidParam() id: string, @CurrentPrincipal() principal: Principal): Promise<void> {
    return this.memories.forget(id, principal);
  }
}
