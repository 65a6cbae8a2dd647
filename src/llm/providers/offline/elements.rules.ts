/** Elements that hold what a prompt is about, the nearest to the point first; the rest of the prompt is instructions around it. */
const SUBJECTS = [['subtask'], ['task', 'goal', 'objective', 'request', 'question', 'prompt']];

/** Elements that bring something along to be worked with. */
export const MATERIAL = ['result', 'output', 'document', 'material', 'tool_result'];

export interface PromptElement {
  /** What stands in its opening tag after the name. */
  readonly attributes: string;
  readonly content: string;
  /** Where it begins in the text, and where it is over. */
  readonly at: number;
  readonly end: number;
}

/** The elements with these names, in order. Linear in the text, whatever stands in it. */
export const elementsOf = (names: readonly string[], text: string): PromptElement[] =>
  names.flatMap((name) => elementsNamed(name, text)).toSorted((a, b) => a.at - b.at);

/** The contents of the elements with these names, in order, without empty ones. */
export const contentsOf = (names: readonly string[], text: string): string[] =>
  elementsOf(names, text)
    .map(({ content }) => content)
    .filter((content) => content !== '');

/** The text with these elements cut out. */
export function withoutElements(names: readonly string[], text: string): string {
  const kept: string[] = [];
  let from = 0;
  for (const { at, end } of elementsOf(names, text)) {
    if (at < from) continue;
    kept.push(text.slice(from, at));
    from = end;
  }
  return [...kept, text.slice(from)].join('\n');
}

/** What the prompt asks for: the content of its `<subtask>`, else of its `<task>`, `<goal>`… elements, else what is no material. */
export function subjectOf(prompt: string): string {
  const marked = SUBJECTS.map((names) => contentsOf(names, prompt)).find((found) => found.length > 0);
  if (marked !== undefined) return marked.join('\n');
  return withoutElements(MATERIAL, prompt).trim() || prompt.trim();
}

/** The content of `<result>`, `<document>`… elements: what the prompt brings along to be worked with. */
export const materialOf = (prompt: string): string[] => contentsOf(MATERIAL, prompt);

/** An attribute of an opening tag. */
export const attributeOf = ({ attributes }: PromptElement, name: string): string | undefined =>
  new RegExp(`(?:^|\\s)${name}\\s*=\\s*"([^"]*)"`).exec(attributes)?.[1];

function elementsNamed(name: string, text: string): PromptElement[] {
  const found: PromptElement[] = [];
  const opening = new RegExp(`<${name}(\\s[^<>]{0,200})?>`, 'g');
  const closing = `</${name}>`;
  for (let open = opening.exec(text); open !== null; open = opening.exec(text)) {
    const close = text.indexOf(closing, opening.lastIndex);
    if (close < 0) break;
    const end = close + closing.length;
    found.push({
      attributes: open[1] ?? '',
      content: text.slice(opening.lastIndex, close).trim(),
      at: open.index,
      end,
    });
    opening.lastIndex = end;
  }
  return found;
}
