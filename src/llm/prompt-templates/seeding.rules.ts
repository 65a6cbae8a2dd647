import type { BuiltInTemplate } from './built-in-template.js';
import { MADE_BY_NYX, type TemplateType } from './prompt-template.values.js';
import { sameVariables, type TemplateText } from './template.rules.js';

/** A version that stands in the database. */
export interface StoredVersion extends TemplateText {
  readonly name: string;
  readonly version: number;
  readonly template_type: TemplateType;
  readonly is_active: boolean;
  readonly created_by: string | null;
}

/**
 * Whether a start has to add the code's text as a new version, and whether that becomes the active one. The code's text counts as
 * changed when it is not NYX's latest version: an admin who went back to an earlier one stays there over restarts. A team's own
 * active version stays active; the new one then only waits beside it.
 */
export function seedingOf(
  { type, content, variables }: BuiltInTemplate,
  stored: readonly StoredVersion[],
): { readonly activate: boolean } | undefined {
  const latest = stored
    .filter((version) => version.created_by === MADE_BY_NYX)
    .reduce<StoredVersion | undefined>((last, each) => (last && last.version > each.version ? last : each), undefined);
  const isKnown =
    latest?.template_type === type && latest.content === content && sameVariables(latest.variables, variables);
  if (isKnown) return undefined;
  const active = stored.find((version) => version.is_active);
  return { activate: active === undefined || active.created_by === MADE_BY_NYX };
}
