import { fold } from './words.rules.js';

/** What a request speaks of, and the part of a choice's name that fits it. The first that fits a choice is taken. */
const SPEAKS_OF: readonly (readonly [RegExp, RegExp])[] = [
  [/\b(?:summar|condense|recap|zusammenfass|fasse\b)/, /summar/],
  [/\b(?:translat|convert|transform|rewrite|reformat|ubersetz|umwandel|umschreib)/, /transform|translat|conversion/],
  [/\b(?:extract|pick out|extrahier)/, /extract/],
  [
    /\b(?:source code|code\b|function|script|program|unit test|regex|sql\b|implement|refactor|programmier|skript|funktion)/,
    /code|program/,
  ],
  [/\b(?:story|poem|novel|slogan|song|geschichte|gedicht)/, /creative/],
  [/\b(?:analys|analyz|statistic|metric|auswert|kennzahl)/, /analys/],
  [/\b(?:readme|api documentation|specification|technical|manual|handbuch|dokumentation|technisch)/, /technical/],
];

/** The choice that the text names, else the one for what it speaks of. */
export function chosenKind(choices: readonly unknown[], text: string): string | undefined {
  const texts = choices.filter((choice): choice is string => typeof choice === 'string');
  const about = fold(text);
  const isNamed = (choice: string): boolean => choice.length > 2 && about.includes(fold(choice).replaceAll('_', ' '));
  const fitting = SPEAKS_OF.filter(([request]) => request.test(about)).map(([, kind]) =>
    texts.find((choice) => kind.test(choice.toLowerCase())),
  );
  return texts.find(isNamed) ?? fitting.find((choice) => choice !== undefined);
}
