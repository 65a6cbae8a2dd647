/** Elements that hold what a prompt is about, the nearest to the point first; the rest of the prompt is instructions around it. */
const SUBJECTS = [['subtask'], ['task', 'goal', 'objective', 'request', 'question', 'prompt']];
const MATERIAL = ['result', 'output', 'document', 'material'];
/** Headings of lists that say how, not what. */
const CONDITIONS = /^(constraints|technical requirements|requirements|rules|notes|mistakes)\b/i;
const LIST_ITEM = /^\s*(?:[-*•]|\d+[.)]|[a-z][.)])\s+(.+)$/i;
const HEADING = /^[^.!?]{1,60}:\s*$/;
const LONGEST_SENTENCE = 400;

export interface Point {
  readonly text: string;
  /** Numbered, or begun with a word of sequence, so that it follows the one before it. */
  readonly isSequel: boolean;
}

const SEQUEL =
  /^(then|next|after(wards)?|finally|lastly|second(ly)?|third(ly)?|based on|using (the|that|those|these)|from (the|that|those|these)|with (the|that|those|these) (result|output))\b/i;

/** What the prompt asks about: the content of its `<subtask>`, else of its `<task>`, `<goal>`… elements, or all of it. */
export function subjectOf(prompt: string): string {
  const marked = SUBJECTS.map((names) => within(names, prompt)).find((found) => found.length > 0);
  return (marked === undefined ? prompt : marked.join('\n')).trim();
}

/** The content of `<result>`, `<document>`… elements: what the prompt brings along to be worked with. */
export const materialOf = (prompt: string): string[] => within(MATERIAL, prompt);

/** The sentences and list items of a text, in order, each once; without headings, and without lists of conditions. */
export function pointsOf(text: string): Point[] {
  const points: Point[] = [];
  const seen = new Set<string>();
  let isCondition = false;
  for (const line of text.split(/\r?\n/)) {
    if (HEADING.test(line)) {
      isCondition = CONDITIONS.test(line.trim());
      continue;
    }
    isCondition &&= LIST_ITEM.test(line);
    if (isCondition) continue;
    const item = LIST_ITEM.exec(line);
    const isNumbered = /^\s*\d+[.)]\s/.test(line);
    const sentences = item?.[1] === undefined ? sentencesOf(line) : [item[1].trim()];
    for (const sentence of sentences) {
      const short = shorten(sentence, LONGEST_SENTENCE);
      if (seen.has(short)) continue;
      seen.add(short);
      points.push({ text: short, isSequel: points.length > 0 && (isNumbered || SEQUEL.test(short)) });
    }
  }
  return points;
}

/** At most `length` characters, ended with an ellipsis where something is left out. */
export const shorten = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1)).trimEnd()}…`;

/** The first words of a sentence, without its closing mark. */
export const titleOf = (sentence: string): string => {
  const words = sentence.replace(/[.!?:;,\s]+$/, '').split(/\s+/);
  return shorten(words.slice(0, 9).join(' '), 80);
};

/** The contents of the elements with these names, in order. Linear in the text, whatever stands in it. */
function within(names: readonly string[], text: string): string[] {
  return names
    .flatMap((name) => elementsOf(name, text))
    .toSorted((a, b) => a.at - b.at)
    .map(({ content }) => content)
    .filter((content) => content !== '');
}

function elementsOf(name: string, text: string): { readonly at: number; readonly content: string }[] {
  const found: { at: number; content: string }[] = [];
  const opening = new RegExp(`<${name}(?:\\s[^<>]{0,200})?>`, 'g');
  for (let open = opening.exec(text); open !== null; open = opening.exec(text)) {
    const end = text.indexOf(`</${name}>`, opening.lastIndex);
    if (end < 0) break;
    found.push({ at: open.index, content: text.slice(opening.lastIndex, end).trim() });
    opening.lastIndex = end;
  }
  return found;
}

function sentencesOf(line: string): string[] {
  return line
    .replaceAll(/<\/?[a-z][^<>]{0,200}>/gi, ' ')
    .split(/(?<=[.!?;])\s+/)
    .map((sentence) => sentence.trim().replaceAll(/\s+/g, ' '))
    .filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
}
