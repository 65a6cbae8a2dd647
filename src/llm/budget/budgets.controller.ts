import { Body, Controller, Get, Patch, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '../../auth/access.decorators.js';
import { CurrentOwner, type Owner } from '../../auth/owner.js';
import type { Plain } from '../../http/plain.js';
import { UuidParam } from '../../http/uuid-param.js';
import { BudgetChange, BudgetPage, BudgetQuery, BudgetView } from './budget.dto.js';
import { Budgets } from './budgets.service.js';

@ApiTags('llm')
@Controller('api/v1/llm/budgets')
export class BudgetsController {
  constructor(private readonly budgets: Budgets) {}

  @Get()
  @Requires('viewer')
  @ApiOperation({
    summary: 'List the balances of the budgets, newest first',
    description:
      'A workflow, a session, a principal’s day, the day of autonomous work, the system’s day and its month: each counts every call that it covers, whether it has a limit or not. Days and months are UTC.',
  })
  @ApiOkResponse({ type: BudgetPage })
  listBudgets(@Query() query: BudgetQuery, @CurrentOwner() owner: Owner): Promise<Plain<BudgetPage>> {
    return this.budgets.list(query, owner);
  }

  @Patch(':id')
  @Requires('admin')
  @ApiOperation({
    summary: 'Set the limit of one balance',
    description:
      'Holds at once, on every replica: a limit below what is used refuses new calls and ends none. It may warn again when 80 % of it are passed.',
  })
  @ApiOkResponse({ type: BudgetView })
  setBudgetLimit(@UuidParam() id: string, @Body() body: BudgetChange): Promise<Plain<BudgetView>> {
    return this.budgets.setLimit(id, body);
  }
}
