import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Requires } from '../../auth/access.decorators.js';
import { DEPLOYMENT } from '../../auth/owner.js';
import { invalid } from '../../http/problem.js';
import { isUuid } from '../../http/uuid.rules.js';
import { ErasureView } from './erasure.dto.js';
import { PrincipalErasure } from './principal-erasure.service.js';

const HEX = '[0-9a-fA-F]';

@ApiTags('auth')
@Requires('admin')
@Controller('api/v1/auth/users')
export class ErasuresController {
  constructor(private readonly erasure: PrincipalErasure) {}

  @Post(':id/erase')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Erase everything of a user or API key, also of one that was removed',
    description:
      'Workflows (running ones are cancelled), model calls, tool runs, memories, feedback, schedules, triggers, workflow templates and events. It goes on ' +
      'in the background, over restarts; asking again tells how far it is, and after its end erases what came since. The account itself is removed by its own route. ' +
      'Amounts stay in the totals, acts in the audit log, files in the workspace.',
  })
  @ApiParam({
    name: 'id',
    description: `Of the user or API key, or \`${DEPLOYMENT}\`, which is who calls with NYX_API_KEY.`,
    schema: { type: 'string', pattern: `^(${DEPLOYMENT}|${HEX}{8}(-${HEX}{4}){3}-${HEX}{12})$` },
  })
  @ApiAcceptedResponse({ type: ErasureView })
  eraseUserData(@Param('id') id: string): Promise<ErasureView> {
    if (id !== DEPLOYMENT && !isUuid(id)) throw invalid('id', `must be a UUID or ${DEPLOYMENT}`);
    return this.erasure.request(id.toLowerCase());
  }
}
