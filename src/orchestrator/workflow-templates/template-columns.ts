import type { TemplateReference } from './template-reference.decorator.js';
import type { TemplateUse } from './template-resolver.service.js';

/** Of a row that runs a template: one by its name, or a request of its own. */
export interface TemplateColumns {
  readonly template_name: string | null;
  readonly template_request: Record<string, unknown> | null;
  readonly parameters: Record<string, unknown>;
}

export const templateOf = ({ template_name, template_request, parameters }: TemplateColumns): TemplateUse => ({
  template: template_name ?? template_request ?? {},
  parameters,
});

/** `template_name` and `template_request`. */
export const templateColumnsOf = (template: TemplateReference): readonly [string | null, object | null] =>
  typeof template === 'string' ? [template, null] : [null, template];
