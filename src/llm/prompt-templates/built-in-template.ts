import type { TemplateType } from './prompt-template.values.js';
import type { TemplateText } from './template.rules.js';

/** A template of the code: what NYX sends unless the database has another version active. */
export interface BuiltInTemplate extends TemplateText {
  readonly name: string;
  readonly type: TemplateType;
}

/** A version of a template, as interactions name it. */
export interface TemplateRef {
  readonly name: string;
  readonly version: number;
}
