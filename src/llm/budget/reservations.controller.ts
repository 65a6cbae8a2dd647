import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '../../auth/access.decorators.js';
import { CurrentOwner, type Owner } from '../../auth/owner.js';
import type { Principal } from '../../auth/principal.js';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import type { Plain } from '../../http/plain.js';
import { UuidParam } from '../../http/uuid-param.js';
import { ReservationPage, ReservationQuery, ReservationRelease } from './reservation.dto.js';
import { Reservations } from './reservations.service.js';

@ApiTags('llm')
@Controller('api/v1/llm/reservations')
export class ReservationsController {
  constructor(private readonly reservations: Reservations) {}

  @Get()
  @Requires('viewer')
  @ApiOperation({
    summary: 'List the reservations that are open, newest first',
    description:
      'By default those in doubt: their process ended, or the provider fell silent, before the cost was known.',
  })
  @ApiOkResponse({ type: ReservationPage })
  listReservations(@Query() query: ReservationQuery, @CurrentOwner() owner: Owner): Promise<Plain<ReservationPage>> {
    return this.reservations.list(query, owner);
  }

  @Post(':interaction_id/release')
  @HttpCode(200)
  @Requires('admin')
  @ApiOperation({
    summary: 'Give back what is in doubt',
    description:
      'For an admin who has seen in the provider’s own accounts that the call cost nothing, or who lets it count no longer. Should the truth come in after all, it is booked.',
  })
  @ApiOkResponse({ type: ReservationRelease })
  @ApiProblems('CONFLICT')
  releaseReservation(
    @UuidParam('interaction_id') interactionId: string,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Plain<ReservationRelease>> {
    return this.reservations.release(interactionId, principal.id);
  }
}
