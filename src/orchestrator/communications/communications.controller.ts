import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '../../auth/access.decorators.js';
import { CurrentOwner, type Owner } from '../../auth/owner.js';
import type { Plain } from '../../http/plain.js';
import { CommunicationQueries } from './communication-queries.service.js';
import { CommunicationFilter, CommunicationPage } from './dto/communication.dto.js';

@ApiTags('orchestrator')
@Controller('api/v1/orchestrator/communications')
export class CommunicationsController {
  constructor(private readonly communications: CommunicationQueries) {}

  @Get()
  @Requires('viewer')
  @ApiOperation({ summary: 'List messages between agents, newest first' })
  @ApiOkResponse({ type: CommunicationPage })
  listCommunications(
    @Query() filter: CommunicationFilter,
    @CurrentOwner() owner: Owner,
  ): Promise<Plain<CommunicationPage>> {
    return this.communications.list(filter, owner);
  }
}
