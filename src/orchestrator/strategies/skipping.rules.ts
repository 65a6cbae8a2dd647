import type { EarlyEnd } from '../adaptation/adaptation.rules.js';
import type { Failure } from '../run/unfinished.rules.js';

/** Why a subtask is not begun. @param unmet titles of the subtasks whose results it needs and that have none */
export const skipped = (unmet: readonly string[], endsEarly: EarlyEnd | undefined): Failure =>
  endsEarly === undefined
    ? { code: 'DEPENDENCY_FAILED', message: `no result of: ${unmet.join(', ')}` }
    : { code: 'EARLY_END', message: `Not begun, because the workflow ends early: ${endsEarly}.` };
