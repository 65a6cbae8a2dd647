import { RE2JS } from 're2js';

/** What ajv asks of a regular expression. */
interface Pattern {
  test(text: string): boolean;
  toString(): string;
}

/** Patterns of schemas in linear time: some schemas come from MCP servers, and what they are held against from models. */
export const linearPattern = Object.assign(
  (pattern: string): Pattern => {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    // By this text ajv tells one pattern from another.
    return { test: (text) => compiled.matcher(text).find(), toString: () => pattern };
  },
  // Only needed by ajv where it writes its validators to files.
  { code: 'linearPattern' },
);
