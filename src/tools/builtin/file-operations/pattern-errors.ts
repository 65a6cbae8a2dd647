import type { ParameterError } from '../../tool.js';
import { PatternError } from './pattern.rules.js';

/** What is wrong with a pattern, by compiling it. */
export function patternErrors(field: string, compile: () => unknown): readonly ParameterError[] {
  try {
    compile();
    return [];
  } catch (error) {
    if (error instanceof PatternError) return [{ field, message: error.message }];
    throw error;
  }
}
