import ignore, { type Ignore } from 'ignore';

/** Characters of a file of ignore rules that are read. */
export const MAX_IGNORE_CHARS = 65_536;
const MAX_RULES = 1000;
const MAX_RULE_CHARS = 1000;
/** The package makes one regular expression of a rule, and from the third `**` on its time explodes. */
const MAX_GLOBSTARS = 2;
/** The package remembers every path it was asked about; from time to time it has to forget. */
const REMEMBERED_PATHS = 5000;

/** The rules of one `.gitignore`. They come from anybody, so there are bounds: what is over them is left out and counted. */
export class IgnoreRules {
  readonly skippedRules: number;
  private readonly rules: readonly string[];
  private matcher: Ignore;
  private asked = 0;

  constructor(text: string) {
    const lines = text.slice(0, MAX_IGNORE_CHARS).split(/\r?\n/);
    const all = lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
    this.rules = all.filter(isBounded).slice(0, MAX_RULES);
    this.skippedRules = all.length - this.rules.length;
    this.matcher = matcherOf(this.rules);
  }

  /** Undefined: they say nothing about it. @param path relative to the folder of the rules; a folder's ends with `/` */
  verdict(path: string): 'ignored' | 'kept' | undefined {
    this.asked += 1;
    if (this.asked > REMEMBERED_PATHS) {
      this.asked = 0;
      this.matcher = matcherOf(this.rules);
    }
    const { ignored, unignored } = this.matcher.test(path);
    if (ignored) return 'ignored';
    return unignored ? 'kept' : undefined;
  }
}

const isBounded = (rule: string): boolean =>
  rule.length <= MAX_RULE_CHARS && rule.split(/\*{2,}/).length - 1 <= MAX_GLOBSTARS;

const matcherOf = (rules: readonly string[]): Ignore =>
  // Names may begin as relative paths do, such as "..a".
  ignore({ ignorecase: false, allowRelativePaths: true }).add([...rules]);
