import { InitialSchema1795392000000 } from './1795392000000-initial-schema.js';
import { PromptTemplateVersions1795478600000 } from './1795478600000-prompt-template-versions.js';

/** In the order they run. */
export const migrations = [InitialSchema1795392000000, PromptTemplateVersions1795478600000];
