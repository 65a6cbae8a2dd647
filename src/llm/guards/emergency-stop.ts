import { Injectable } from '@nestjs/common';
import { Problem } from '../../http/problem.js';
import { RuntimeSettings } from '../../settings/runtime-settings.js';

/** The reason with which calls in flight are aborted. Told apart by identity. */
export const EMERGENCY_STOP = new Error('Model calls were switched off.');

/**
 * The emergency stop: on while the setting `llm_enabled` is false. What is seen here may be a moment old; that nothing is sent
 * while it is on is held by the reservation, which looks at the row itself.
 */
@Injectable()
export class EmergencyStop {
  private readonly inFlight = new Set<AbortController>();
  private readonly waiting = new Set<() => void>();
  private abortOrder: string | undefined;

  constructor(private readonly settings: RuntimeSettings) {
    this.abortOrder = settings.llmAbortOrder;
    settings.onChange(() => this.follow());
  }

  get isOn(): boolean {
    return !this.settings.llmEnabled;
  }

  /** @throws Problem LLM_UNAVAILABLE with `emergency_stop: true` while it is on */
  refuseIfOn(): void {
    if (this.isOn) throw stopped();
  }

  /** Looks at the database now: for who was refused by the row before this process heard of the stop. */
  lookAgain(): Promise<void> {
    return this.settings.refresh();
  }

  /** Resolves as soon as calls are allowed again, at once when they are; rejects with the signal's reason when that aborts first. */
  untilOff(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.waiting.delete(goOn);
        signal?.removeEventListener('abort', giveUp);
      };
      const goOn = (): void => {
        end();
        resolve();
      };
      const giveUp = (): void => {
        end();
        reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      if (signal?.aborted === true) giveUp();
      else if (!this.isOn) goOn();
      else {
        this.waiting.add(goOn);
        signal?.addEventListener('abort', giveUp, { once: true });
      }
    });
  }

  /**
   * Registers a call that `abortInFlight` is to abort; returns how to end that. To be called before the call is reserved for,
   * or an order that comes between the two would miss it.
   */
  track(controller: AbortController): () => void {
    this.inFlight.add(controller);
    return () => this.inFlight.delete(controller);
  }

  /** Aborts every tracked call with the reason `EMERGENCY_STOP`: here at once, on the other replicas within a second. */
  abortInFlight(): Promise<void> {
    return this.settings.orderLlmAbort();
  }

  private follow(): void {
    const order = this.settings.llmAbortOrder;
    if (order !== this.abortOrder) {
      this.abortOrder = order;
      for (const controller of this.inFlight) controller.abort(EMERGENCY_STOP);
    }
    if (!this.isOn) for (const goOn of this.waiting) goOn();
  }
}

const stopped = (): Problem =>
  new Problem(
    'LLM_UNAVAILABLE',
    'Model calls are switched off by an administrator; none is sent until they are on again.',
    {
      extensions: { emergency_stop: true },
    },
  );
