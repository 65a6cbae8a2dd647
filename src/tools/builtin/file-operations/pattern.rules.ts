import { RE2JS, RE2JSException } from 're2js';
import { cutTo } from '../../../database/cut.rules.js';

export const MAX_PATTERN_CHARS = 1000;
/** Steps of the compiled pattern. Each character of the text costs at most that many. */
const MAX_PROGRAM_STEPS = 1000;
/** Steps times characters in one go, a tenth of a second or two at worst: nothing else runs meanwhile. */
const MAX_WORK = 2_000_000;
const MAX_LINE_CHARS = 1_048_576;

/** What somebody wrote is no pattern. Its message is for them. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

export interface LinePattern {
  /** Of a line, how many characters are looked at. */
  readonly maxLineChars: number;
  /** Whether it is anywhere in the text. */
  isIn(text: string): boolean;
  /** Whether it is all of the text. */
  matches(text: string): boolean;
  /** Where it first is in the text. */
  find(text: string): { readonly start: number; readonly end: number } | undefined;
}

/**
 * A regular expression from outside, in RE2's syntax: its time is linear in the length of the text.
 * @throws PatternError
 */
export function compilePattern(source: string, { isCaseSensitive }: { isCaseSensitive: boolean }): LinePattern {
  if (source.length > MAX_PATTERN_CHARS) {
    throw new PatternError(`A pattern has at most ${MAX_PATTERN_CHARS} characters.`);
  }
  const compiled = compiledBy(source, isCaseSensitive ? 0 : RE2JS.CASE_INSENSITIVE);
  const steps = compiled.programSize();
  if (steps > MAX_PROGRAM_STEPS) {
    throw new PatternError('The pattern is too large once its repetitions are written out; repeat less.');
  }
  return {
    maxLineChars: Math.min(MAX_LINE_CHARS, Math.floor(MAX_WORK / steps)),
    isIn: (text) => compiled.test(text),
    matches: (text) => compiled.testExact(text),
    find: (text) => {
      const matcher = compiled.matcher(text);
      return matcher.find() ? { start: matcher.start(), end: matcher.end() } : undefined;
    },
  };
}

function compiledBy(source: string, flags: number): RE2JS {
  try {
    return RE2JS.compile(source, flags);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const said = cutTo(error.message.replace(/^error parsing regexp: /, ''), 200);
    const help = 'Patterns have the syntax of RE2: no look-around, no back-references.';
    throw new PatternError(`The pattern cannot be read: ${said}. ${help}`);
  }
}
