import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { networkOf } from '../network.rules.js';
import type { Act } from './act.js';
import { Audit, type AuditEntry } from './audit.service.js';

const WINDOW_MS = 60_000;
/** Of one principal, or of one address that nobody is known at, told one by one in a window; the others as a number when it is over. */
const TOLD_SINGLY = 20;
/** The same for all of those who are not signed in together: there are more addresses than anybody counts. */
const STRANGERS_TOLD_SINGLY = 1_000;
const MAX_CALLERS = 10_000;
const ALL_OTHERS = 'others';

interface Window {
  told: number;
  counted: number;
  last: AuditEntry;
}

/** Puts refusals on record, so that whoever is refused a million times fills no disk. */
@Injectable()
export class Refusals implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(Refusals.name);
  private readonly windows = new Map<string, Window>();
  private strangersTold = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly audit: Audit) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.tellCounted(), WINDOW_MS);
    this.timer.unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.tellCounted();
  }

  /** Never throws: a refusal stays one when it cannot be recorded, and the log says so. */
  async note(act: Act, { status, errorCode }: { status: number; errorCode: string }): Promise<void> {
    const entry: AuditEntry = { ...act, outcome: 'refused', status, errorCode };
    const caller = act.actor?.id ?? networkOf(act.address ?? '');
    const key = this.windows.has(caller) || this.windows.size < MAX_CALLERS ? caller : ALL_OTHERS;
    const window = this.windows.get(key) ?? { told: 0, counted: 0, last: entry };
    this.windows.set(key, window);
    window.last = entry;
    const isTold = window.told < TOLD_SINGLY && (act.actor !== undefined || this.strangersTold < STRANGERS_TOLD_SINGLY);
    if (!isTold) {
      window.counted += 1;
      return;
    }
    window.told += 1;
    if (act.actor === undefined) this.strangersTold += 1;
    await this.record(entry);
  }

  /** Strangers that were all counted are told together, or their addresses would be rows again. */
  private async tellCounted(): Promise<void> {
    const windows = [...this.windows.entries()];
    this.windows.clear();
    this.strangersTold = 0;
    let others: Window | undefined;
    for (const [key, { told, counted, last }] of windows) {
      if (counted === 0) continue;
      if (key !== ALL_OTHERS && told > 0) await this.record({ ...last, repeated: counted });
      else others = { told: 0, counted: counted + (others?.counted ?? 0), last };
    }
    if (others) await this.record({ ...others.last, actor: undefined, address: undefined, repeated: others.counted });
  }

  private async record(entry: AuditEntry): Promise<void> {
    await this.audit.record(entry).catch((error: unknown) => {
      this.logger.error(`A refusal is not on record: ${entry.action} ${entry.path} ${String(error)}`);
    });
  }
}
