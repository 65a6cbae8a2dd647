import { Controller, Get, Headers, Res, StreamableFile } from '@nestjs/common';
import { ApiHeader, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { BelongsTo } from '../auth/owner.js';
import { Produces } from '../http/content-negotiation.js';
import { EVENT_STREAM_HEADERS, EVENT_STREAM_TYPE } from '../http/event-stream.js';
import { invalid } from '../http/problem.js';
import { UuidParam } from '../http/uuid-param.js';
import { WorkflowStream } from './workflow-stream.js';

@ApiTags('orchestrator')
@BelongsTo('SELECT FROM event_streams WHERE workflow_id = $1 AND owner_id = $2')
@Controller('api/v1/orchestrator/workflows')
export class WorkflowEventsController {
  constructor(private readonly stream: WorkflowStream) {}

  @Get(':id/events')
  @Produces(EVENT_STREAM_TYPE)
  @ApiOperation({
    summary: 'What happens in a workflow, as it happens',
    description:
      'Server-Sent Events from the first one on: `id` is the number of the event in the workflow, `event` its type, `data` has ' +
      '`workflow_id`, `seq`, `type`, `at` and `data`. The stream ends when the workflow does, and when what it was ' +
      'asked for with is not valid any more. A client that was cut off comes again with the last id it saw in `Last-Event-ID` and ' +
      'misses nothing.',
  })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    schema: { type: 'integer', minimum: 0 },
    description: 'The last event seen.',
  })
  @ApiOkResponse({
    description: 'The events.',
    content: {
      [EVENT_STREAM_TYPE]: {
        schema: { type: 'string' },
        example:
          'id: 1\nevent: workflow.started\ndata: {"workflow_id":"…","seq":1,"type":"workflow.started","at":"…","data":{}}\n\n',
      },
    },
  })
  @ApiNoContentResponse({
    description: 'The workflow has ended and there is nothing after that event: do not come again.',
  })
  async streamWorkflowEvents(
    @UuidParam() id: string,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile | undefined> {
    const events = await this.stream.read(id, sequenceOf(lastEventId), response);
    if (events === undefined) {
      response.status(204);
      return undefined;
    }
    response.set(EVENT_STREAM_HEADERS);
    return new StreamableFile(events, { type: EVENT_STREAM_TYPE });
  }
}

/** @throws Problem VALIDATION_ERROR */
function sequenceOf(lastEventId: string | undefined): number {
  if (lastEventId === undefined || lastEventId === '') return 0;
  if (!/^\d{1,15}$/.test(lastEventId)) throw invalid('Last-Event-ID', 'must be the id of an event of this stream');
  return Number(lastEventId);
}
