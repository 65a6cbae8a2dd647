import type { Options } from 'ajv';
import { linearPattern } from './linear-patterns.rules.js';

/** How JSON Schemas are read that callers, models or other servers wrote: what they do not know is let be, and nothing in them takes long. */
export const OUTSIDE_SCHEMAS = {
  strict: false,
  // What an object inherits is none of its members.
  ownProperties: true,
  // A format only describes.
  validateFormats: false,
  logger: false,
  code: { regExp: linearPattern },
} as const satisfies Options;
