import { parse } from 'shell-quote';

export type CommandLine = { readonly argv: readonly string[] } | { readonly error: string };

const NEEDS_SHELL = 'set shell to true, or give argv';

/** What the library makes of a word that is not only characters. */
interface SpecialToken {
  readonly op?: string;
  /** Of file names: a program gets it as it is. */
  readonly pattern?: string;
  readonly comment?: string;
  readonly variable?: string;
}

type Token = string | SpecialToken;

/** A command in one string, split as a shell would split it. What a shell would do beyond that is an error here, never guessed at. */
export function splitCommand(command: string): CommandLine {
  const line = command.trim();
  // Between quotes a line break is a character, elsewhere it ends a command: as an operator it shows which it is.
  const tokens = tokensOf(line.replaceAll(/[\r\n]/g, ';'));
  const words = tokensOf(line);
  if (!tokens || !words) return { error: `has an expansion, which only a shell does: ${NEEDS_SHELL}.` };
  const special = tokens.find(
    (token): token is SpecialToken => typeof token !== 'string' && token.pattern === undefined,
  );
  if (special) return { error: `has ${nameOf(special)}: ${NEEDS_SHELL}.` };
  if (hasOpenQuote(line)) return { error: 'has a quote that is not closed.' };
  const argv = words.map((token) => (typeof token === 'string' ? token : (token.pattern ?? '')));
  return argv.length === 0 ? { error: 'must name a program.' } : { argv };
}

/** @returns undefined when it cannot be split */
function tokensOf(line: string): readonly Token[] | undefined {
  try {
    // Each word with a variable in it comes out as an object: nothing is replaced.
    return parse(line, (variable) => ({ variable }));
  } catch {
    return undefined;
  }
}

function nameOf({ comment, variable, op }: SpecialToken): string {
  if (comment !== undefined) return 'a comment (#), which only a shell leaves out';
  if (variable !== undefined) return 'a variable or a substitution ($), which only a shell replaces';
  return `${op === ';' ? 'a line break or ;' : (op ?? 'an operator')}, which only a shell understands`;
}

/** Quotes as POSIX shells read them; the library takes an open one for closed at the end. */
function hasOpenQuote(command: string): boolean {
  let quote = '';
  for (let index = 0; index < command.length; index++) {
    const character = command[index] ?? '';
    if (character === '\\' && quote !== "'") index++;
    else if (quote === '' && (character === '"' || character === "'")) quote = character;
    else if (character === quote) quote = '';
  }
  return quote !== '';
}
