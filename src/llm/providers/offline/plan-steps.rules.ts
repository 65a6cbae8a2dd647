import { MATERIAL, subjectOf, withoutElements } from './elements.rules.js';
import { isSequelWord, pointsOf, shorten, type Point } from './text.rules.js';

/** Where one sentence goes on to the next thing to do. */
const NEXT_CLAUSE =
  /(?:[,;]\s*(?:and\s+|und\s+)?|\s+(?:and|und)\s+)(?=(?:then|next|afterwards|after that|finally|lastly|dann|danach|anschließend|schließlich|zuletzt|abschließend|zum schluss)\s)/iu;
const CONDITION = /(?<![\p{L}\p{N}])(?:if|when|once|unless|wenn|falls|sobald)(?![\p{L}\p{N}])/iu;
const BACKGROUND = /^(?:we|i|our|my|it|this|these|wir|ich|unsere?n?|meine?n?|es)\s/i;
const WISH =
  /(?<![\p{L}\p{N}])(?:want|need|should|must|shall|please|would like|möchten?|sollt?e?n?|brauchen?|muss|bitte)(?![\p{L}\p{N}])/iu;
/** A step that brings together what was done before it, not only what was done last. */
const GATHERS =
  /^(?:and |und )?(?:finally|lastly|in the end|at the end|to conclude|based on|from (?:these|those|all)|schließlich|zuletzt|abschließend|zum schluss|am ende|basierend auf|auf (?:dieser|deren) grundlage)(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])(?:all (?:the )?(?:results|parts|steps|findings)|aller? (?:ergebnisse|teile))(?![\p{L}\p{N}])/iu;
const NAMED_STEP = /(?<![\p{L}\p{N}])(?:steps?|schritte?n?)\s+(\d{1,3})(?:\s*(?:,|and|und|to|bis|&)\s*(\d{1,3}))?/giu;
const LONGEST_STEP = 1000;

/** What there is to do, in order: the items of a numbered list where there is one, else the sentences, taken apart at "then" and "finally". */
export function stepsOf(prompt: string): Point[] {
  const subject = subjectOf(prompt);
  const asked = pointsOf(withoutElements(MATERIAL, subject));
  const points = asked.length > 0 ? asked : pointsOf(subject);
  const isList = points.filter(({ isNumbered }) => isNumbered).length > 1;
  const first = points.findIndex(({ isNumbered }) => isNumbered);
  const steps = isList
    ? points.filter((point, index) => point.isNumbered || (index > first && isSequelWord(point.text)))
    : points.flatMap(clausesOf);
  return withBackground(steps).map((step, index) => (index === 0 ? { ...step, isSequel: false } : step));
}

function clausesOf(point: Point): Point[] {
  const clauses = point.text.split(NEXT_CLAUSE);
  const isOneThing =
    clauses.length === 1 || CONDITION.test(clauses[0] ?? '') || clauses.some((clause) => !/\S\s+\S/.test(clause));
  if (isOneThing) return [point];
  return clauses.map((clause, index) => ({
    text: index === clauses.length - 1 ? capitalised(clause) : `${capitalised(clause).replace(/[,;]$/, '')}.`,
    isNumbered: false,
    isSequel: index > 0 || point.isSequel,
  }));
}

/** Sentences that only say how things are go with the next thing to do, so that nothing is lost. */
function withBackground(points: readonly Point[]): Point[] {
  const isBackground = ({ text, isNumbered }: Point): boolean =>
    !isNumbered && BACKGROUND.test(text) && !WISH.test(text);
  if (points.every(isBackground)) return [...points];
  const steps: Point[] = [];
  let said: string[] = [];
  for (const point of points) {
    if (isBackground(point)) said.push(point.text);
    else {
      const text = shorten([point.text, ...said].join(' '), LONGEST_STEP);
      steps.push({ ...point, text });
      said = [];
    }
  }
  const last = steps.pop();
  return last === undefined
    ? steps
    : [...steps, { ...last, text: shorten([last.text, ...said].join(' '), LONGEST_STEP) }];
}

/** For each step, from 0, which ones before it it needs. A step may be made of several points. */
export function dependenciesOf(steps: readonly (readonly Point[])[]): number[][] {
  const all: number[][] = [];
  const leaves = new Set<number>();
  steps.forEach((points, index) => {
    const needed = index === 0 ? [] : neededBy(points, index, [...leaves]);
    needed.forEach((each) => leaves.delete(each));
    leaves.add(index);
    all.push(needed);
  });
  return all;
}

function neededBy(points: readonly Point[], index: number, leaves: readonly number[]): number[] {
  const named = points.flatMap(({ text }) => namedSteps(text)).filter((each) => each >= 0 && each < index);
  if (named.length > 0) return [...new Set(named)].toSorted((a, b) => a - b);
  if (points.some(({ text, isNumbered }) => !isNumbered && GATHERS.test(text))) return [...leaves];
  return points.some(({ isSequel }) => isSequel) ? [index - 1] : [];
}

const namedSteps = (text: string): number[] =>
  [...text.matchAll(NAMED_STEP)].flatMap(([, one, other]) =>
    [one, other].filter((number) => number !== undefined).map((number) => Number(number) - 1),
  );

const capitalised = (text: string): string => text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
