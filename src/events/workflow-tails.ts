import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { FairQueue } from '../waiting/fair-queue.js';
import { WakefulLoop } from '../waiting/wakeful-loop.js';
import { EventFeed } from './event-feed.js';
import { EventLog } from './event-log.js';
import { type LiveEvent, liveEvent } from './live-event.js';

/** Events of one workflow that are read at once. */
export const PAGE = 200;
const WORKFLOWS_AT_ONCE = 50;
/** Pages of history that are read at once, so that a thousand who come again leave the database to others too. */
const PAGES_AT_ONCE = 8;
const PAGE_TIMEOUT_MS = 60_000;
/** A notification that was lost is made up for as often. */
const LOOK_EVERY_MS = 15_000;
const RETRY_MS = 500;

type Follower = (event: LiveEvent) => void;

interface Tail {
  /** The last event that its followers have. */
  position: number;
  readonly followers: Set<Follower>;
  readonly waiting: Set<{ readonly seq: number; readonly goOn: () => void }>;
  readonly stopWatching: () => void;
}

/** Reads what is new of each workflow once in this process, however many follow it, and what is new of many workflows in one query. */
@Injectable()
export class WorkflowTails implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(WorkflowTails.name);
  private readonly tails = new Map<string, Tail>();
  /** Workflows that may have events after the position of their tail; none without a tail. */
  private readonly behind = new Set<string>();
  private readonly pages = new FairQueue(PAGES_AT_ONCE);
  private readonly loop = new WakefulLoop(() => this.readNews());
  private lookedAtMs = performance.now();

  constructor(
    private readonly log: EventLog,
    private readonly feed: EventFeed,
  ) {}

  onModuleInit(): void {
    this.loop.wake();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
    for (const tail of this.tails.values()) tail.waiting.forEach(({ goOn }) => goOn());
  }

  /** History: at most PAGE events after `afterSeq`, in order; fewer are all there are. @param reader who waits for its turn, if need be */
  async page(workflowId: string, afterSeq: number, reader: string): Promise<LiveEvent[]> {
    const leave = await this.pages.enter(reader, PAGE_TIMEOUT_MS);
    try {
      return (await this.log.read(workflowId, afterSeq, PAGE)).map(liveEvent);
    } finally {
      leave();
    }
  }

  /**
   * Calls `follower` with every event after `seq`, in order.
   * @returns how to stop; undefined where others follow from another place: whoever has waited for `reaches` reads on and asks again
   */
  follow(workflowId: string, seq: number, follower: Follower): (() => void) | undefined {
    const tail = this.tails.get(workflowId) ?? this.begin(workflowId, seq);
    if (tail.position !== seq) return undefined;
    tail.followers.add(follower);
    return () => {
      tail.followers.delete(follower);
      if (tail.followers.size === 0 && this.tails.get(workflowId) === tail) this.end(workflowId, tail);
    };
  }

  /** Resolves when those who follow the workflow have the event of that number, or nobody follows. */
  reaches(workflowId: string, seq: number): Promise<void> {
    const tail = this.tails.get(workflowId);
    if (tail === undefined || tail.position >= seq || this.loop.isStopping) return Promise.resolve();
    return new Promise((resolve) => {
      tail.waiting.add({ seq, goOn: resolve });
      this.noteNews(workflowId);
    });
  }

  private begin(workflowId: string, position: number): Tail {
    const stopWatching = this.feed.watch(workflowId, () => this.noteNews(workflowId));
    const tail: Tail = { position, followers: new Set(), waiting: new Set(), stopWatching };
    this.tails.set(workflowId, tail);
    // Something may have come before it was watched.
    this.noteNews(workflowId);
    return tail;
  }

  private end(workflowId: string, tail: Tail): void {
    tail.stopWatching();
    this.tails.delete(workflowId);
    this.behind.delete(workflowId);
    tail.waiting.forEach(({ goOn }) => goOn());
  }

  private noteNews(workflowId: string): void {
    this.fallBehind(workflowId);
    this.loop.wake();
  }

  /** Nobody may follow it any more: then nothing would ever bring it up to date. */
  private fallBehind(workflowId: string): void {
    if (this.tails.has(workflowId)) this.behind.add(workflowId);
  }

  private async readNews(): Promise<number> {
    try {
      if (performance.now() - this.lookedAtMs > LOOK_EVERY_MS) await this.look();
      const asked = [...this.behind].slice(0, WORKFLOWS_AT_ONCE).flatMap((workflowId) => {
        const tail = this.tails.get(workflowId);
        return tail ? [{ workflowId, afterSeq: tail.position, tail }] : [];
      });
      if (asked.length > 0) await this.read(asked);
    } catch (error) {
      this.logger.warn(`What is new could not be read: ${String(error)}`);
      return RETRY_MS;
    }
    return this.behind.size > 0 ? 0 : LOOK_EVERY_MS;
  }

  private async read(asked: readonly { workflowId: string; afterSeq: number; tail: Tail }[]): Promise<void> {
    // What is told of while this reads is read the next time.
    for (const { workflowId } of asked) this.behind.delete(workflowId);
    const news = await this.log.readEach(asked, PAGE).catch((error: unknown) => {
      for (const { workflowId } of asked) this.fallBehind(workflowId);
      throw error;
    });
    const counts = new Map<string, number>();
    const tails = new Map(asked.map(({ workflowId, tail }) => [workflowId, tail]));
    for (const event of news) {
      counts.set(event.workflowId, (counts.get(event.workflowId) ?? 0) + 1);
      const tail = tails.get(event.workflowId);
      if (tail !== undefined) deliver(tail, liveEvent(event));
    }
    for (const [workflowId, count] of counts) if (count === PAGE) this.fallBehind(workflowId);
  }

  /** All that are followed, in one query. */
  private async look(): Promise<void> {
    this.lookedAtMs = performance.now();
    const positions = [...this.tails].map(([workflowId, { position }]) => ({ workflowId, afterSeq: position }));
    if (positions.length === 0) return;
    for (const workflowId of await this.log.grown(positions)) this.fallBehind(workflowId);
  }
}

function deliver(tail: Tail, event: LiveEvent): void {
  tail.position = event.seq;
  for (const follower of [...tail.followers]) follower(event);
  for (const waiter of tail.waiting) {
    if (waiter.seq > event.seq) continue;
    tail.waiting.delete(waiter);
    waiter.goOn();
  }
}
