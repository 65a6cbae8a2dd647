import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Plain } from '../../http/plain.js';
import { Requires } from '../access.decorators.js';
import { AuditPage, AuditQuery } from './audit.dto.js';
import { Audit } from './audit.service.js';

@ApiTags('auth')
@Requires('admin')
@Controller('api/v1/auth/audit')
export class AuditController {
  constructor(private readonly audit: Audit) {}

  @Get()
  @ApiOperation({
    summary: 'Who did what, when, from where, with what outcome',
    description:
      'Every change and every refusal, newest first. Entries are only ever appended, and the oldest go after `RETENTION_AUDIT_DAYS`; each has a hash over itself and the one before, which ' +
      '`npm run audit:verify` checks. Model calls and tool runs that were let through are on record as interactions and executions.',
  })
  @ApiOkResponse({ type: AuditPage })
  listAuditEntries(@Query() query: AuditQuery): Promise<Plain<AuditPage>> {
    return this.audit.list(query);
  }
}
