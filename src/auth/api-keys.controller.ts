import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page } from '../http/cursor.js';
import { PageQuery } from '../http/page-query.dto.js';
import { UuidParam } from '../http/uuid-param.js';
import { CurrentPrincipal, Requires } from './access.decorators.js';
import { ApiKeys } from './api-keys.service.js';
import { ApiKeyPage, type ApiKeyView, CreateApiKey, CreatedApiKey } from './dto/api-key.dto.js';
import type { Principal } from './principal.js';

@ApiTags('auth')
@Requires('admin')
@Controller('api/v1/auth/api-keys')
export class ApiKeysController {
  constructor(private readonly apiKeys: ApiKeys) {}

  @Get()
  @ApiOperation({ summary: 'List API keys, newest first' })
  @ApiOkResponse({ type: ApiKeyPage })
  listApiKeys(@Query() query: PageQuery): Promise<Page<ApiKeyView>> {
    return this.apiKeys.list(query);
  }

  @Post()
  @ApiOperation({ summary: 'Make an API key; the answer shows it once' })
  @ApiCreatedResponse({ type: CreatedApiKey })
  createApiKey(@Body() body: CreateApiKey, @CurrentPrincipal() principal: Principal): Promise<CreatedApiKey> {
    return this.apiKeys.create(body, principal);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke an API key' })
  @ApiNoContentResponse({ description: 'The key is refused from now on.' })
  deleteApiKey(@UuidParam() id: string): Promise<void> {
    return this.apiKeys.revoke(id);
  }
}
