import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { InputTypeCatalogue, StrategyCatalogue } from './catalogue.dto.js';
import { StrategyRegistry } from './strategies/strategy-registry.js';
import { INPUT_TYPE_CATALOGUE } from './workflows/input-types.js';

@ApiTags('orchestrator')
@Controller('api/v1/orchestrator')
export class CatalogueController {
  constructor(private readonly strategies: StrategyRegistry) {}

  @Get('strategies')
  @ApiOperation({ summary: 'List the strategies workflows can be executed with' })
  @ApiOkResponse({ type: StrategyCatalogue })
  listStrategies(): StrategyCatalogue {
    return {
      strategies: named(this.strategies.all),
      count: this.strategies.all.length,
      timestamp: new Date().toISOString(),
    };
  }

  @Get('input-types')
  @ApiOperation({ summary: 'List the input types workflows can have' })
  @ApiOkResponse({ type: InputTypeCatalogue })
  listInputTypes(): InputTypeCatalogue {
    return {
      input_types: Object.fromEntries(INPUT_TYPE_CATALOGUE.map((inputType) => [inputType.name, inputType])),
      count: INPUT_TYPE_CATALOGUE.length,
      timestamp: new Date().toISOString(),
    };
  }
}

interface Named {
  readonly name: string;
  readonly description: string;
}

const named = (items: readonly Named[]): Record<string, Named> =>
  Object.fromEntries(items.map(({ name, description }) => [name, { name, description }]));
