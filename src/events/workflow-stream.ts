import { Readable } from 'node:stream';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Response } from 'express';
import { principalOf } from '../auth/principal.js';
import { Database } from '../database/database.service.js';
import { newId } from '../database/ids.js';
import { departureOf } from '../http/event-stream.js';
import { invalid, notFound } from '../http/problem.js';
import { LiveAccess } from './access/live-access.js';
import { credentialsOf } from './access/live-principals.js';
import type { EventType } from './event-log.js';
import type { LiveEvent } from './live-event.js';
import { ENDS, StreamFollower } from './stream-follower.js';
import { PAGE, WorkflowTails } from './workflow-tails.js';

/** What a client that reads slowly gets to read the rest when its stream is ended from here. */
const FAREWELL_MS = 1_000;

interface StreamState {
  readonly lastSeq: number;
  readonly lastType: EventType;
}

/**
 * The events of one workflow as Server-Sent Events: its history, then what happens. Ends after the workflow's last event, when the client
 * leaves or its credentials no longer hold, and when this process stops. For a slow reader a few new events wait (`StreamFollower`); the
 * rest is read from the log again.
 */
@Injectable()
export class WorkflowStream implements OnModuleDestroy {
  private readonly open = new Set<() => void>();
  private isStopping = false;

  constructor(
    private readonly database: Database,
    private readonly tails: WorkflowTails,
    private readonly access: LiveAccess,
  ) {}

  /** Clients come again, to another replica, with the last id they saw. */
  onModuleDestroy(): void {
    this.isStopping = true;
    for (const leave of this.open) leave();
  }

  /**
   * @param response whose body it is to be
   * @returns undefined: the workflow has ended, and nothing comes after `afterSeq`
   * @throws Problem NOT_FOUND; VALIDATION_ERROR after an event that is still to come
   */
  async read(workflowId: string, afterSeq: number, response: Response): Promise<Readable | undefined> {
    const state = await this.stateOf(workflowId);
    if (state === undefined) throw notFound('The workflow');
    if (ENDS.includes(state.lastType) && afterSeq >= state.lastSeq) return undefined;
    // Whoever followed from there would keep the others from following.
    if (afterSeq > state.lastSeq) throw invalid('Last-Event-ID', `is beyond the last event, ${state.lastSeq}`);
    return Readable.from(this.frames(workflowId, afterSeq, state, response), { objectMode: false });
  }

  private async *frames(
    workflowId: string,
    afterSeq: number,
    atFirst: StreamState,
    response: Response,
  ): AsyncGenerator<string> {
    const gone = departureOf(response);
    const follower = new StreamFollower();
    const wake = (): void => follower.wake();
    const leave = (): void => {
      wake();
      setTimeout(() => response.destroy(), FAREWELL_MS).unref();
    };
    const revoked = new AbortController();
    const isRevoked = (): boolean => revoked.signal.aborted;
    const reader = newId();
    let seq = afterSeq;
    this.open.add(leave);
    gone.addEventListener('abort', wake, { once: true });
    const release = this.hold(response, () => {
      revoked.abort();
      leave();
    });
    try {
      // The head goes out at once, before there is an event.
      yield ': events of the workflow\n\n';
      while (!gone.aborted && !this.isStopping && !isRevoked()) {
        const events = await this.tails.page(workflowId, seq, reader);
        for (const event of events) {
          if (isRevoked()) return;
          yield frameOf(event);
        }
        seq = events.at(-1)?.seq ?? seq;
        if (events.length === PAGE) continue;
        if (seq === atFirst.lastSeq && ENDS.includes(atFirst.lastType)) return;
        const state = await this.stateOf(workflowId);
        if (state === undefined) return;
        // What came since the events were read is read first: it may be the end.
        if (state.lastSeq > seq) continue;
        if (ENDS.includes(state.lastType)) return;
        seq = yield* this.news(workflowId, seq, follower);
      }
    } finally {
      release();
      this.open.delete(leave);
      gone.removeEventListener('abort', wake);
    }
  }

  /** What happens after `seq`, until the reader falls behind or is woken. @returns the number of the last event that was given */
  private async *news(workflowId: string, seq: number, follower: StreamFollower): AsyncGenerator<string, number> {
    const stop = this.tails.follow(workflowId, seq, (event) => follower.push(event));
    if (stop === undefined) {
      await this.tails.reaches(workflowId, seq);
      return seq;
    }
    let last = seq;
    try {
      for await (const event of follower.news()) {
        yield event === undefined ? ': still here\n\n' : frameOf(event);
        last = event?.seq ?? last;
      }
    } finally {
      stop();
    }
    return last;
  }

  private hold({ req }: Response, end: () => void): () => void {
    return this.access.hold({ credentials: credentialsOf(req.headers), role: principalOf(req).role, end });
  }

  /** Undefined where there is no such workflow, or not any more. */
  private async stateOf(workflowId: string): Promise<StreamState | undefined> {
    const [state] = await this.database.query<StreamState>(
      `SELECT s.last_seq::float8 AS "lastSeq", e.type AS "lastType" FROM event_streams s
         JOIN workflow_events e ON e.workflow_id = s.workflow_id AND e.seq = s.last_seq WHERE s.workflow_id = $1`,
      [workflowId],
    );
    return state;
  }
}

/** As Socket.IO clients get it, under the number that a client resumes from. */
const frameOf = (event: LiveEvent): string =>
  `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
