import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { untilConnected } from '../../database/connection-errors.js';
import { newId } from '../../database/ids.js';
import type { Transaction } from '../../database/sql.js';
import { Problem } from '../problem.js';
import { type IdempotencyClaim, IdempotencyStore, type StoredResponse } from './idempotency.store.js';

const BEAT_EVERY_MS = 5_000;
/** Work that is done, and perhaps paid, is worth waiting for the database this long before it may be done again. */
const PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = { first: 25, most: 500 };

const mismatch = (): Problem => new Problem('IDEMPOTENCY_MISMATCH', 'This Idempotency-Key was used with another body.');

type Work = () => Promise<StoredResponse>;

interface Answer {
  /** `fresh`: `work` ran here and this is what it answered. */
  readonly kind: 'fresh' | 'replayed';
  readonly response: StoredResponse;
}

/** One result for each key: whoever comes first works, everyone else waits for that result, on any replica and after restarts. */
@Injectable()
export class IdempotencyService {
  private readonly logger = new Logger(IdempotencyService.name);
  private readonly running = new Map<string, Promise<void>>();

  constructor(private readonly store: IdempotencyStore) {}

  /**
   * Runs `work` unless its result is known. `signal` ends the waiting for someone else's result, never the work itself.
   * @throws Problem IDEMPOTENCY_MISMATCH; whatever `work` throws, and then the key is free again
   */
  async once(claim: IdempotencyClaim, work: Work, signal: AbortSignal): Promise<Answer> {
    for (let pauseMs = LOOK_AGAIN_MS.first; ; pauseMs = Math.min(pauseMs * 2, LOOK_AGAIN_MS.most)) {
      await this.running.get(placeOf(claim));
      const state = await this.store.claim(claim);
      if (state.kind === 'other_body') throw mismatch();
      if (state.kind === 'done') return { kind: 'replayed', response: state.response };
      if (state.kind === 'mine') return { kind: 'fresh', response: await this.lead(claim, state.claimId, work) };
      await pause(pauseMs, undefined, { signal });
    }
  }

  /**
   * The id of what a request makes, to be called in the transaction that makes it: one key makes one workflow, schedule, boost or run, also
   * when its first request died half-way. A request without a key makes one each time.
   * @returns `isNew` is false when an earlier request of the key has made it; then nothing may be made
   * @throws Problem IDEMPOTENCY_MISMATCH
   */
  async bind(tx: Transaction, claim: IdempotencyClaim | undefined): Promise<{ id: string; isNew: boolean }> {
    const fresh = newId();
    if (claim === undefined) return { id: fresh, isNew: true };
    const id = await this.store.bind(tx, claim, fresh);
    if (id === undefined) throw mismatch();
    return { id, isNew: id === fresh };
  }

  /** Works, and lets the others of this process wait without asking the database. */
  private async lead(claim: IdempotencyClaim, claimId: string, work: Work): Promise<StoredResponse> {
    const response = this.hold(claim, claimId, work);
    const place = placeOf(claim);
    this.running.set(
      place,
      response.then(
        () => undefined,
        () => undefined,
      ),
    );
    try {
      return await response;
    } finally {
      this.running.delete(place);
    }
  }

  private async hold(claim: IdempotencyClaim, claimId: string, work: Work): Promise<StoredResponse> {
    const beat = setInterval(() => {
      this.store.beat(claim, claimId).catch((error: unknown) => this.logger.warn(error));
    }, BEAT_EVERY_MS);
    try {
      const response = await work();
      await untilConnected(() => this.store.complete(claim, claimId, response), AbortSignal.timeout(PATIENCE_MS));
      this.store.purge().catch((error: unknown) => this.logger.warn(error));
      return response;
    } catch (error) {
      await this.store.release(claim, claimId).catch((cause: unknown) => this.logger.warn(cause));
      throw error;
    } finally {
      clearInterval(beat);
    }
  }
}

const placeOf = ({ principalId, route, key }: IdempotencyClaim): string => JSON.stringify([principalId, route, key]);
