import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { EgressModule } from '../egress/egress.module.js';
import { LiveAccess } from './access/live-access.js';
import { LivePrincipals } from './access/live-principals.js';
import { EventFeed } from './event-feed.js';
import { EventLog } from './event-log.js';
import { Connections } from './sockets/connections.js';
import { LiveSockets } from './sockets/live-sockets.js';
import { WorkflowsGateway } from './sockets/workflows.gateway.js';
import { Deliveries } from './webhooks/deliveries.service.js';
import { DeliveryLoop } from './webhooks/delivery-loop.js';
import { DeliveryOutcomes } from './webhooks/delivery-outcomes.js';
import { DeliveryQueue } from './webhooks/delivery-queue.js';
import { DeliverySender } from './webhooks/delivery-sender.js';
import { DeliverySweep } from './webhooks/delivery-sweep.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';
import { Webhooks } from './webhooks/webhooks.service.js';
import { WorkflowEventsController } from './workflow-events.controller.js';
import { WorkflowStream } from './workflow-stream.js';
import { WorkflowTails } from './workflow-tails.js';

@Module({
  imports: [AuthModule, EgressModule],
  controllers: [WorkflowEventsController, WebhooksController],
  providers: [
    EventLog,
    EventFeed,
    WorkflowTails,
    WorkflowStream,
    WorkflowsGateway,
    LivePrincipals,
    LiveAccess,
    Connections,
    LiveSockets,
    Webhooks,
    Deliveries,
    DeliveryQueue,
    DeliverySender,
    DeliveryOutcomes,
    DeliverySweep,
    DeliveryLoop,
  ],
  exports: [EventLog, EventFeed, LiveSockets],
})
export class EventsModule {}
