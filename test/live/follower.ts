import { setTimeout as sleep } from 'node:timers/promises';

const ENDS = ['workflow.completed', 'workflow.failed', 'workflow.cancelled'];

/** Somebody who follows one workflow, and after every interruption goes on at some replica after the last number seen. */
export abstract class Follower {
  /** Numbers in the order in which they came, all connections together. */
  readonly seen: number[] = [];
  hasEnd = false;
  private isDone = false;
  private hangUp: (() => void) | undefined;

  constructor(
    readonly workflowId: string,
    protected readonly apiKey: string,
    private readonly urls: () => readonly string[],
    private readonly random: () => number,
  ) {}

  /** Follows at `url` until that ends, from whichever side; hands over how to cut it off. */
  protected abstract follow(url: string, hangUp: (cut: () => void) => void): Promise<void>;

  /** Resolves when it was stopped. */
  async start(): Promise<void> {
    while (!this.isDone) {
      const urls = this.urls();
      await this.follow(urls[Math.floor(this.random() * urls.length)] ?? '', (cut) => (this.hangUp = cut));
      this.hangUp = undefined;
      await sleep(100 + this.random() * 400);
    }
  }

  protected get lastSeen(): number {
    return this.seen.at(-1) ?? 0;
  }

  protected sees(seq: number, type: string): void {
    this.seen.push(seq);
    this.hasEnd ||= ENDS.includes(type);
  }

  /** As a broken network would. @returns whether there was something to cut */
  cut(): boolean {
    const hangUp = this.hangUp;
    this.hangUp = undefined;
    hangUp?.();
    return hangUp !== undefined;
  }

  stop(): void {
    this.isDone = true;
    this.cut();
  }
}
