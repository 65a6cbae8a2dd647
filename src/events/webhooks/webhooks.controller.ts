import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '../../auth/access.decorators.js';
import type { Principal } from '../../auth/principal.js';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import { PageQuery } from '../../http/page-query.dto.js';
import type { Plain } from '../../http/plain.js';
import { UuidParam } from '../../http/uuid-param.js';
import { Deliveries } from './deliveries.service.js';
import { DeliveryPage, DeliveryQuery, Redelivery } from './dto/delivery.dto.js';
import {
  CreatedWebhook,
  CreateWebhook,
  UpdatedWebhook,
  UpdateWebhook,
  WebhookPage,
  WebhookView,
} from './dto/webhook.dto.js';
import { Webhooks } from './webhooks.service.js';

@ApiTags('system')
@Requires('admin')
@Controller('api/v1/system/webhooks')
export class WebhooksController {
  constructor(
    private readonly webhooks: Webhooks,
    private readonly deliveries: Deliveries,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List webhooks, newest first' })
  @ApiOkResponse({ type: WebhookPage })
  listWebhooks(@Query() query: PageQuery): Promise<Plain<WebhookPage>> {
    return this.webhooks.list(query);
  }

  @Post()
  @ApiOperation({
    summary: 'Have events told elsewhere; the answer shows the secret once',
    description:
      'Each event of these types that happens from now on is posted to the URL in the form of Standard Webhooks, as Socket.IO and SSE ' +
      'have it: `workflow_id`, `seq`, `type`, `at`, `data`. At least once, under the same `webhook-id`; of one workflow in order. What is ' +
      'not answered by 2xx within 15 seconds is sent again for 24 hours and then dead; 410 disables the webhook.',
  })
  @ApiCreatedResponse({ type: CreatedWebhook })
  @ApiProblems('CONFLICT')
  createWebhook(@Body() body: CreateWebhook, @CurrentPrincipal() { id }: Principal): Promise<Plain<CreatedWebhook>> {
    return this.webhooks.create(body, id);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Get a webhook' })
  @ApiOkResponse({ type: WebhookView })
  getWebhook(@UuidParam() id: string): Promise<Plain<WebhookView>> {
    return this.webhooks.get(id);
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Change a webhook, disable it, or give it a new secret',
    description:
      'What is owed to it goes to a new URL, too. Disabled, it is owed nothing new, and what is owed waits until it is enabled.',
  })
  @ApiOkResponse({ type: UpdatedWebhook })
  updateWebhook(@UuidParam() id: string, @Body() body: UpdateWebhook): Promise<Plain<UpdatedWebhook>> {
    return this.webhooks.update(id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a webhook with what is still owed to it' })
  @ApiNoContentResponse({ description: 'It is gone.' })
  deleteWebhook(@UuidParam() id: string): Promise<void> {
    return this.webhooks.remove(id);
  }

  @Get(':id/deliveries')
  @ApiOperation({
    summary: 'List what a webhook was told and is still to be told, newest first',
    description: 'What was delivered is kept for `RETENTION_DELIVERIES_DAYS` (7), all else for 30 days at least.',
  })
  @ApiOkResponse({ type: DeliveryPage })
  listDeliveries(@UuidParam() id: string, @Query() query: DeliveryQuery): Promise<Plain<DeliveryPage>> {
    return this.deliveries.list(id, query);
  }

  @Post(':id/redeliver')
  @HttpCode(202)
  @ApiOperation({ summary: 'Deliver all that is dead again, at most 1,000 at a time' })
  @ApiAcceptedResponse({ type: Redelivery })
  redeliverDead(@UuidParam() id: string): Promise<Plain<Redelivery>> {
    return this.deliveries.redeliverDead(id);
  }

  @Post(':id/deliveries/:delivery_id/redeliver')
  @HttpCode(202)
  @ApiOperation({ summary: 'Deliver once more, whatever became of it, under the same `webhook-id`' })
  @ApiAcceptedResponse({ type: Redelivery })
  @ApiProblems('CONFLICT')
  redeliver(@UuidParam() id: string, @UuidParam('delivery_id') deliveryId: string): Promise<Plain<Redelivery>> {
    return this.deliveries.redeliver(id, deliveryId);
  }
}
