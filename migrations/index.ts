import { InitialSchema1795392000000 } from './1795392000000-initial-schema.js';
import { BudgetLedger1795478500000 } from './1795478500000-budget-ledger.js';

/** In the order they run. */
export const migrations = [InitialSchema1795392000000, BudgetLedger1795478500000];
