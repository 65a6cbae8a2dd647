import type { EarlyEnd } from '../adaptation/adaptation.rules.js';
import type { Failure } from '../run/unfinished.rules.js';

/** What a workflow that ends early failed for: the limit it came too close to, or who decided. */
const CODES: Readonly<Record<EarlyEnd, string>> = {
  cost_overrun_risk: 'BUDGET_EXCEEDED',
  time_overrun_risk: 'TIME_LIMIT',
  council_review: 'ENDED_BY_COUNCIL',
  recovery_abort: 'ENDED_BY_COUNCIL',
  failure_not_tolerated: 'FAILURE_NOT_TOLERATED',
};

/** Why a subtask is not begun. @param unmet titles of the subtasks whose results it needs and that have none */
export const skipped = (unmet: readonly string[], endsEarly: EarlyEnd | undefined): Failure =>
  unmet.length > 0 || endsEarly === undefined
    ? { code: 'DEPENDENCY_FAILED', message: `no result of: ${unmet.join(', ')}` }
    : { code: CODES[endsEarly], message: `Not begun, because the workflow ends early: ${endsEarly}.` };
