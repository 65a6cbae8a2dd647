import { Body, Controller, Delete, Get, Param, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '../auth/access.decorators.js';
import type { Principal } from '../auth/principal.js';
import type { Plain } from '../http/plain.js';
import { SETTINGS } from '../settings/settings.js';
import { ChangeConfig, ConfigItem, ConfigList } from './dto/runtime-config.dto.js';
import { RuntimeConfig } from './runtime-config.service.js';

const SettingKeyParam = (): MethodDecorator =>
  ApiParam({
    name: 'key',
    schema: { type: 'string', enum: Object.keys(SETTINGS), example: 'budget_system_day_usd' },
  });

@ApiTags('system')
@Controller('api/v1/system/config')
export class RuntimeConfigController {
  constructor(private readonly runtimeConfig: RuntimeConfig) {}

  @Get()
  @Requires('viewer')
  @ApiOperation({
    summary: 'List the runtime configuration',
    description: 'Every setting with the value that holds: what an admin set, else the default of the deployment.',
  })
  @ApiOkResponse({ type: ConfigList })
  listConfig(): Promise<Plain<ConfigList>> {
    return this.runtimeConfig.list();
  }

  @Put(':key')
  @Requires('admin')
  @ApiOperation({
    summary: 'Change a setting while NYX runs',
    description:
      'Holds on every replica within a second. `llm_enabled` set to false is the emergency stop: no model call is sent by anyone until it is true again. A lowered budget refuses new calls; of two changes at once the last one holds.',
  })
  @SettingKeyParam()
  @ApiOkResponse({ type: ConfigItem })
  changeConfig(
    @Param('key') key: string,
    @Body() body: ChangeConfig,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Plain<ConfigItem>> {
    return this.runtimeConfig.change(key, body, principal);
  }

  @Delete(':key')
  @Requires('admin')
  @ApiOperation({ summary: 'Let the default of a setting hold again' })
  @SettingKeyParam()
  @ApiOkResponse({ type: ConfigItem })
  resetConfig(@Param('key') key: string, @CurrentPrincipal() principal: Principal): Promise<Plain<ConfigItem>> {
    return this.runtimeConfig.reset(key, principal);
  }
}
