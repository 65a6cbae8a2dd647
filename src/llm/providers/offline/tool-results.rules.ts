import type { Turn } from '../../prompt-layout.js';
import { asSchema } from './schema.rules.js';

/** A line that only names what stands below it. */
const LABEL = /^(?:content|output|stdout|stderr|text|result|value):$/gm;

/** What tools brought back, without what was put around it. */
export const resultTextsOf = (turns: readonly Turn[]): string[] =>
  turns.flatMap(({ results }) => results.map(({ content }) => withoutFacts(withoutTags(content)))).filter(Boolean);

const withoutTags = (content: string): string =>
  content.replace(/^<tool_output_[^\n]*>\n/, '').replace(/\n<\/tool_output_\w*>$/, '');

/** Where texts follow the JSON of the other facts, the texts are what was found. */
function withoutFacts(content: string): string {
  const end = content.indexOf('\n');
  if (end < 0 || !isJsonObject(content.slice(0, end))) return content.trim();
  return content
    .slice(end + 1)
    .replaceAll(LABEL, '')
    .trim();
}

function isJsonObject(line: string): boolean {
  try {
    return Object.keys(asSchema(JSON.parse(line))).length > 0;
  } catch {
    return false;
  }
}
