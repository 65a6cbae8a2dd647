import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import type { CallPlan } from './call-plan.js';
import { withDeadline, type Deadline } from '../waiting/deadline.js';
import { CircuitBreakers } from './guards/circuit-breakers.js';
import { EMERGENCY_STOP, EmergencyStop } from './guards/emergency-stop.js';
import { LlmProvider, ProviderFailure, type AttemptListener, type ProviderAnswer } from './providers/provider.js';

/** Sends one attempt that is reserved for, within its two time limits, and says what came of it. */
@Injectable()
export class CallSender {
  constructor(
    private readonly config: AppConfig,
    private readonly provider: LlmProvider,
    private readonly breakers: CircuitBreakers,
    private readonly stop: EmergencyStop,
  ) {}

  /**
   * Never throws for what the provider does. `attempt` ends it for the caller; it is aborted here when calls were switched off while
   * the attempt was reserved for, or waited for another one that probes.
   */
  send(plan: CallPlan, listener: AttemptListener, attempt: AbortController): Promise<ProviderAnswer | ProviderFailure> {
    const { signal } = attempt;
    const mayGo = (): boolean => {
      if (this.stop.isOn) attempt.abort(EMERGENCY_STOP);
      return !signal.aborted;
    };
    if (!mayGo()) return Promise.resolve(notSent());
    return new Promise((resolve, reject) => {
      const giveUp = (): void => resolve(notSent());
      signal.addEventListener('abort', giveUp, { once: true });
      this.breakers
        .run(plan.provider, plan.request.model, () => {
          signal.removeEventListener('abort', giveUp);
          return mayGo() ? this.attempt(plan, listener, signal) : Promise.resolve(notSent());
        })
        .finally(() => signal.removeEventListener('abort', giveUp))
        .then(resolve, reject);
    });
  }

  private async attempt({ request, timeoutMs }: CallPlan, listener: AttemptListener, signal: AbortSignal) {
    const whole = withDeadline(signal, timeoutMs);
    const first = withDeadline(whole.signal, Math.min(timeoutMs, this.config.llm.firstTokenTimeoutSeconds * 1000));
    const heard: AttemptListener = {
      ...listener,
      onStart: () => {
        first.stopTimer();
        listener.onStart?.();
      },
    };
    try {
      return await this.provider.generate(request, first.signal, heard);
    } catch (error) {
      return failureOf(error, signal, [first, whole]);
    } finally {
      first.dispose();
      whole.dispose();
    }
  }
}

function failureOf(error: unknown, signal: AbortSignal, deadlines: readonly Deadline[]): ProviderFailure {
  const failure = error instanceof ProviderFailure ? error : unexpected(error);
  if (failure.status !== undefined || failure.charge === 'nothing') return failure;
  const { usageBound } = failure;
  const charge = usageBound === undefined ? 'unknown' : 'bounded';
  const facts = { cause: failure, usageBound, requestId: failure.requestId };
  if (signal.aborted) return endedByCaller('The call was aborted.', charge, facts);
  const over = deadlines.find((deadline) => deadline.isOver());
  if (over === undefined) return failure;
  const what = usageBound === undefined ? 'did not begin to answer' : 'did not finish its answer';
  return new ProviderFailure(`The model provider ${what} within ${over.timeoutMs} ms.`, charge, facts);
}

const endedByCaller = (
  message: string,
  charge: ProviderFailure['charge'],
  facts: Pick<ProviderFailure, 'usageBound' | 'requestId' | 'cause'> = {},
): ProviderFailure => new ProviderFailure(message, charge, { ...facts, endedByCaller: true });

const notSent = (): ProviderFailure => endedByCaller('The call was aborted before it was sent.', 'nothing');

const unexpected = (error: unknown): ProviderFailure =>
  new ProviderFailure('The call to the model provider failed.', 'unknown', { cause: error });
