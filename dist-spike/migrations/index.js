import { InitialSchema1795392000000 } from './1795392000000-initial-schema.js';
/** In the order they run. */
export const migrations = [InitialSchema1795392000000];
//# sourceMappingURL=index.js.map