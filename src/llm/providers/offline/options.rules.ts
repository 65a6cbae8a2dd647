import { attributeOf, elementsOf, MATERIAL, subjectOf, withoutElements } from './elements.rules.js';
import { asList, asSchema, resolve, snakeCase, type Schema } from './schema.rules.js';
import { pointsOf, shorten, titleOf } from './text.rules.js';
import { fold } from './words.rules.js';

/** Something that may be voted for. */
export interface Option {
  /** How the answer names it. */
  readonly name: string;
  /** All that the prompt says about it. */
  readonly text: string;
}

const HEADING =
  /^(?:the )?(?:options|choices|alternatives|approaches|candidates|proposals|strategies|optionen|alternativen|vorschläge|ansätze)(?![\p{L}\p{N}])[^:\n]{0,40}:(.*)$/iu;
const ITEM = /^\s*(?:[-*•–]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+(\S.*)$/i;
const LABELLED =
  /^\s*(?:[-*•]\s+)?((?:option|proposal|alternative|approach|vorschlag|ansatz)\s+[\p{L}\p{N}]{1,20})\s*[:.)–-]\s*(\S.*)$/iu;
const EITHER_OR =
  /(?:between|either|use|choose|prefer|take|pick|zwischen|entweder|nutzen|nehmen|wählen|for|is|,|:)\s+([^,.?!:\n]{1,60}?)\s+(?:or|and|oder|und|vs\.?|versus)\s+([^,.?!:\n]{1,60}?)(?=[.?!,\n]|$|\s(?:for|as|in|to|für|als)\s)/iu;
const ASKS_WHICH = /(?<![\p{L}\p{N}])(?:or|oder|vs|versus|between|zwischen)(?![\p{L}\p{N}])/iu;
const VOTES =
  /^(?:recommendation|vote|choice|decision|preferred(?:_option)?|preference|selected_option|selection|winner|position|stance|option)$/;
const MOST_OPTIONS = 20;
const SEARCHED_FOR_OR = 4000;

export const isVoteName = (name: string): boolean => VOTES.test(snakeCase(name));

/** The options of the request: the schema's own choices with what the prompt says of them, else those the prompt lists. */
export function optionsOf(schema: Schema, prompt: string): Option[] {
  const listed = listedOptions(withoutElements(MATERIAL, prompt));
  const choices = votesIn(schema, schema, 0);
  if (choices.length === 0) return listed;
  return choices.map((name) => {
    const plain = fold(name).replaceAll('_', ' ');
    const about = listed.find((option) => fold(option.text).replaceAll('_', ' ').includes(plain));
    return { name, text: `${name.replaceAll('_', ' ')} ${about?.text ?? ''}`.trim() };
  });
}

/** For or against, whatever it is about. */
const isStance = (choices: readonly unknown[]): boolean =>
  choices.some((choice) => /^(?:reject|no|oppose|disagree|against|decline|block)$/i.test(String(choice)));

/** The members, in snake_case, that ask for or against, not which. */
export function stanceMembers(given: Schema, root = given, depth = 0): string[] {
  const schema = resolve(given, root);
  return Object.entries(asSchema(schema['properties'])).flatMap(([name, member]) => {
    const inner = resolve(asSchema(member), root);
    const own = isStance(asList(inner['enum'])) ? [snakeCase(name)] : [];
    return depth < 3 ? [...own, ...stanceMembers(inner, root, depth + 1)] : own;
  });
}

function votesIn(given: Schema, root: Schema, depth: number): string[] {
  const schema = resolve(given, root);
  for (const [name, member] of Object.entries(asSchema(schema['properties']))) {
    const inner = resolve(asSchema(member), root);
    const choices = asList(inner['enum']).filter((choice) => typeof choice === 'string');
    if (isVoteName(name) && choices.length > 0 && !isStance(choices)) return choices;
    const nested = depth < 3 ? votesIn(inner, root, depth + 1) : [];
    if (nested.length > 0) return nested;
  }
  return [];
}

function listedOptions(prompt: string): Option[] {
  const found = [fromElements, fromLabels, fromList, fromQuestion]
    .map((find) => find(prompt))
    .find((each) => each.length > 1);
  const options = found ?? pointsOf(subjectOf(prompt)).map(({ text }) => ({ name: text, text }));
  return options
    .slice(0, MOST_OPTIONS)
    .map(({ name, text }) => ({ name: shorten(name, 200), text: shorten(text, 2000) }));
}

const fromElements = (prompt: string): Option[] =>
  elementsOf(['option', 'choice', 'alternative', 'proposal', 'approach'], prompt).map((element) => ({
    name: attributeOf(element, 'id') ?? attributeOf(element, 'name') ?? titleOf(element.content.split('\n')[0] ?? ''),
    text: `${element.attributes} ${element.content}`.trim(),
  }));

const fromLabels = (prompt: string): Option[] =>
  prompt.split('\n').flatMap((line) => {
    const [, name, text] = LABELLED.exec(line) ?? [];
    return name === undefined || text === undefined ? [] : [{ name, text: `${name}: ${text}` }];
  });

function fromList(prompt: string): Option[] {
  const found: Option[] = [];
  let isOpen = false;
  for (const line of prompt.split('\n')) {
    const opened = HEADING.exec(line.trim());
    const item = ITEM.exec(line)?.[1]?.trim();
    if (opened !== null) {
      isOpen = true;
      found.push(
        ...(opened[1] ?? '')
          .split(/[;,]/)
          .map(optionFrom)
          .filter(({ name }) => name !== ''),
      );
    } else if (isOpen && item !== undefined) found.push(optionFrom(item));
    else if (line.trim() !== '') isOpen = false;
  }
  return found;
}

/** "PostgreSQL: one more server" is the option PostgreSQL. */
function optionFrom(given: string): Option {
  const text = given.trim().replace(/[.;]$/, '');
  const [, name] = /^(.{1,80}?)(?::|\s[–—-])\s/.exec(text) ?? [];
  return { name: (name ?? text).replaceAll(/[*`"]/g, '').trim(), text };
}

function fromQuestion(prompt: string): Option[] {
  const question = shorten(subjectOf(prompt).replaceAll(/[^\S\n]+/g, ' '), SEARCHED_FOR_OR);
  if (!ASKS_WHICH.test(question)) return [];
  const [, one, other] = EITHER_OR.exec(question) ?? [];
  return [one, other].flatMap((each) => (each === undefined ? [] : [optionFrom(each)]));
}
