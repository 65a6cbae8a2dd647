import { materialOf, subjectOf } from './elements.rules.js';
import { OFFLINE_HEADER } from './offline-header.js';
import { asksForSummary, limitsIn, summarise } from './summary.rules.js';
import { pointsOf, shorten } from './text.rules.js';

const MOST_POINTS = 12;
const LONGEST_POINT = 300;
/** Members of a tool's result that say what it found. */
const SAID =
  /^(?:content|output|stdout|stderr|text|result|results|data|entries|files|lines|matches|error|error_message|message|value|answer)$/i;
const MOST_TEXTS = 200;

/** What rules cannot do, and the word for it. */
const BEYOND: readonly (readonly [RegExp, string])[] = [
  [/(?<![\p{L}\p{N}])(?:translate|translation|übersetze?n?|übersetzung)(?![\p{L}\p{N}])/iu, 'translate'],
  [
    /(?<![\p{L}\p{N}])(?:rewrite|rephrase|paraphrase|reword|proofread|umschreiben|umformulieren|formuliere)(?![\p{L}\p{N}])/iu,
    'rewrite',
  ],
  [/(?<![\p{L}\p{N}])(?:extract|extrahiere)(?![\p{L}\p{N}])/iu, 'extract what is meant'],
  [/(?<![\p{L}\p{N}])(?:classify|categori[sz]e|klassifiziere)(?![\p{L}\p{N}])/iu, 'classify'],
  [
    /(?<![\p{L}\p{N}])(?:implement|refactor|debug|write (?:\S+ ){0,4}(?:code|function|script|program|class|tests?)|programmiere|implementiere)(?![\p{L}\p{N}])/iu,
    'write code',
  ],
  [
    /(?<![\p{L}\p{N}])(?:write (?:\S+ ){0,4}(?:poem|story|song|novel)|schreibe? (?:\S+ ){0,4}(?:gedicht|geschichte))(?![\p{L}\p{N}])/iu,
    'invent',
  ],
];

/** A text that says back what was asked, and a summary or the points of the material where there is some, else of the request. */
export function textAnswer(prompt: string, system?: string): string {
  const subject = subjectOf(prompt);
  const asked = pointsOf(subject).map((point) => point.text);
  const material = [...materialOf(prompt)].map(readable);
  // The instruction stands at an end of the request, not somewhere in a long text that it brings along.
  const instruction = [...asked.slice(0, 2), ...asked.slice(-1)].join('\n');
  const isSynthesis = /synthesi[sz]/i.test(system ?? '');
  if (!isSynthesis && (asksForSummary(instruction) || asksForSummary(system ?? ''))) {
    const text = summaryAnswer(instruction, asked, material);
    if (text !== undefined) return text;
  }
  return extractAnswer(asked, material, beyondRules(instruction), shorten(system ?? prompt, 200));
}

const beyondRules = (instruction: string): string | undefined => BEYOND.find(([words]) => words.test(instruction))?.[1];

function extractAnswer(
  asked: readonly string[],
  material: readonly string[],
  beyond: string | undefined,
  otherwise: string,
): string {
  const digests = material.map(digest).filter((text) => text !== '');
  const points = (digests.length > 0 ? digests : asked.slice(1)).slice(0, MOST_POINTS);
  const note = points.length > 0 ? ' What follows is an extract of what was given.' : '';
  return answerOf(asked[0] ?? otherwise, [
    ...(beyond === undefined ? [] : [`[Rules cannot ${beyond}.${note}]`]),
    points.map((point) => `- ${shorten(point, LONGEST_POINT)}`).join('\n'),
  ]);
}

/** Undefined where there is nothing to make shorter. */
function summaryAnswer(instruction: string, asked: readonly string[], material: readonly string[]): string | undefined {
  const isRequest = (text: string): boolean => asksForSummary(text) && text.length < 300;
  const request = asked.find(isRequest);
  const texts =
    material.length > 0 ? material.map(withoutHeader) : [asked.filter((text) => !isRequest(text)).join('\n')];
  const summary = summarise(texts, limitsIn(instruction));
  if (summary.sentences.length === 0) return undefined;
  return answerOf(request ?? asked[0] ?? '', [
    `[An extract: ${summary.sentences.length} of ${summary.of} sentences, word for word]`,
    summary.sentences.join(' '),
  ]);
}

const answerOf = (question: string, parts: readonly string[]): string =>
  [OFFLINE_HEADER, `Asked: ${shorten(question, LONGEST_POINT)}`, ...parts.filter((part) => part !== '')].join('\n\n');

/** A piece of material in a line: its first line as the title, and its first points, unless it is an offline answer that has none. */
function digest(text: string): string {
  const [title = '', ...rest] = pointsOf(withoutHeader(text)).map((point) => point.text);
  const points = rest.slice(0, 2);
  return points.length === 0 ? title : `${title.replace(/[.:]$/, '')}: ${points.join(' ')}`;
}

/** An offline answer without what only says how it was made. */
const withoutHeader = (text: string): string =>
  text.replaceAll(OFFLINE_HEADER, '').replaceAll(/^(?:Asked: .*|\[(?:An extract: |Rules cannot ).*\])$/gm, '');

/** The result of a tool, which is JSON, as the texts it found. */
function readable(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    const texts: string[] = [];
    collect(JSON.parse(text), false, texts);
    return texts.length > 0 ? texts.join('\n') : text;
  } catch {
    return text;
  }
}

function collect(value: unknown, isSaid: boolean, texts: string[]): void {
  if (texts.length >= MOST_TEXTS) return;
  if (typeof value === 'string' && isSaid) texts.push(value);
  else if (Array.isArray(value)) value.forEach((each) => collect(each, isSaid || typeof each === 'string', texts));
  else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value))
      collect(inner, SAID.test(name) || (isSaid && name === 'name'), texts);
  }
}
