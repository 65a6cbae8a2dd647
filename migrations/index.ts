import { InitialSchema1795392000000 } from './1795392000000-initial-schema.js';
import { ModelUsageRollups1795478700000 } from './1795478700000-model-usage-rollups.js';

/** In the order they run. */
export const migrations = [InitialSchema1795392000000, ModelUsageRollups1795478700000];
