import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '../../auth/access.decorators.js';
import { BelongsTo, CurrentOwner, DEPLOYMENT, type Owner } from '../../auth/owner.js';
import type { Principal } from '../../auth/principal.js';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import { CurrentClaim, Idempotent } from '../../http/idempotency/idempotent.decorator.js';
import type { IdempotencyClaim } from '../../http/idempotency/idempotency.store.js';
import type { Plain } from '../../http/plain.js';
import { BoostQuery, BoostResult, BoostState } from './dto/boost-state.dto.js';
import { MotivationalStateDetailDto, MotivationalStatesDto } from './dto/motivational-state.dto.js';
import { TuneState } from './dto/tune-state.dto.js';
import { MotivationalStates } from './motivational-states.service.js';
import { StateChanges } from './state-changes.service.js';

const TypeParam = (): MethodDecorator =>
  ApiParam({ name: 'type', schema: { type: 'string', maxLength: 100, example: 'maximize_coverage' } });

@ApiTags('motivational')
@BelongsTo(DEPLOYMENT)
@Requires('viewer')
@Controller('api/v1/motivational/states')
export class MotivationalStatesController {
  constructor(
    private readonly motivationalStates: MotivationalStates,
    private readonly changes: StateChanges,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Every motivation: how urgent, how satisfied, how it has fared.' })
  @ApiOkResponse({ type: MotivationalStatesDto, description: 'The motivations by name.' })
  getMotivationalStates(): Promise<Plain<MotivationalStatesDto>> {
    return this.motivationalStates.states();
  }

  @Get(':type')
  @ApiOperation({ summary: 'One motivation, with what it relaxes to and who boosted it last' })
  @TypeParam()
  @ApiOkResponse({ type: MotivationalStateDetailDto })
  getMotivationalState(
    @Param('type') type: string,
    @CurrentOwner() owner: Owner,
  ): Promise<Plain<MotivationalStateDetailDto>> {
    return this.motivationalStates.state(type, owner);
  }

  @Patch(':type')
  @Requires('admin')
  @ApiOperation({
    summary: 'Activate, deactivate or tune a motivation; what is not given stays',
    description:
      'A tuned rate holds at once and is what it relaxes to from now on. At least one member. 409 for a motivation that no code defines any more.',
  })
  @TypeParam()
  @ApiOkResponse({ type: MotivationalStateDetailDto })
  @ApiProblems('CONFLICT')
  tuneMotivationalState(
    @Param('type') type: string,
    @Body() body: TuneState,
  ): Promise<Plain<MotivationalStateDetailDto>> {
    return this.changes.tune(type, body);
  }

  @Post(':type/boost')
  @HttpCode(200)
  @Requires('operator')
  @Idempotent()
  @ApiOperation({
    summary: 'Make a motivation more urgent',
    description:
      'At once, whole, and without a cooldown: urgency ← min(max_urgency, urgency + boost_amount × boost_factor). With `boost_amount` in the query the body, if any, is the metadata; given in both it is 400. 409 when the motivation is not active, or no code defines it any more.',
  })
  @TypeParam()
  @ApiBody({ type: BoostState, required: false })
  @ApiOkResponse({ type: BoostResult })
  @ApiProblems('CONFLICT')
  boostMotivationalState(
    @Param('type') type: string,
    @Query() query: BoostQuery,
    @Body() body: object | undefined,
    @CurrentPrincipal() principal: Principal,
    @CurrentClaim() claim: IdempotencyClaim | undefined,
  ): Promise<Plain<BoostResult>> {
    return this.changes.boost(type, query, body, principal, claim);
  }
}
