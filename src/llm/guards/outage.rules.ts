import { ProviderFailure } from '../providers/provider.js';

/** Whether the outcome of an attempt says that the provider is down: no answer, one that cannot be read, or an error of its own. */
export function isOutage(outcome: unknown): boolean {
  if (!(outcome instanceof ProviderFailure)) return false;
  const { status } = outcome;
  return status === undefined || status === 200 || status === 408 || status >= 500;
}

/** An attempt that the caller ended says nothing; only a probe is to prove that the provider is there. */
export const saysNothing = (outcome: unknown): boolean => outcome instanceof ProviderFailure && outcome.endedByCaller;
