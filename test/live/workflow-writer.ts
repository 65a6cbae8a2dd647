import type { NestExpressApplication } from '@nestjs/platform-express';
import { Database } from '../../src/database/database.service.js';
import { newId } from '../../src/database/ids.js';
import { EventFeed } from '../../src/events/event-feed.js';
import type { ProgressData } from '../../src/events/dto/workflow-event-data.dto.js';
import type { NewEvent } from '../../src/events/event-data.js';
import { EventLog } from '../../src/events/event-log.js';

/** Writes events of workflows that nobody else writes to, as NYX does: in a transaction, then told. */
export class WorkflowWriter {
  private readonly log: EventLog;
  private readonly feed: EventFeed;
  private readonly database: Database;

  constructor(app: NestExpressApplication) {
    this.log = app.get(EventLog);
    this.feed = app.get(EventFeed);
    this.database = app.get(Database);
  }

  /** A new workflow with so many events. @returns its id */
  async begin(events = 1, ownerId = 'test', data: object = {}): Promise<string> {
    const id = newId();
    await this.database.transaction((tx) => this.log.begin(tx, id, ownerId, many(events, data)));
    return id;
  }

  async append(id: string, events = 1, data: object = {}): Promise<void> {
    await this.database.transaction((tx) => this.log.append(tx, id, many(events, data)));
    this.feed.announce(id);
  }
}

/** Larger than any that NYX writes, where a test asks for that. */
const many = (count: number, data: object): NewEvent[] =>
  Array.from({ length: count }, () => ({ type: 'workflow.progress', data: data as ProgressData }));
