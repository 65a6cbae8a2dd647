import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '../../auth/access.decorators.js';
import { UuidParam } from '../../http/uuid-param.js';
import { ErasureView } from './erasure.dto.js';
import { PrincipalErasure } from './principal-erasure.service.js';

@ApiTags('auth')
@Requires('admin')
@Controller('api/v1/auth/users')
export class ErasuresController {
  constructor(private readonly erasure: PrincipalErasure) {}

  @Post(':id/erase')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Erase everything of a user or API key',
    description:
      'Workflows (running ones are cancelled), model calls, tool runs, memories, feedback, schedules, triggers, workflow templates and events. It goes on ' +
      'in the background, over restarts; asking again tells how far it is, and after its end erases what came since. The account itself is removed by its own route. ' +
      'Amounts stay in the totals, acts in the audit log, files in the workspace.',
  })
  @ApiAcceptedResponse({ type: ErasureView })
  eraseUserData(@UuidParam() id: string): Promise<ErasureView> {
    return this.erasure.request(id);
  }
}
