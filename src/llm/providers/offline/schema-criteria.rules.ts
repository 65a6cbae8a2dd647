import type { Criterion } from './criteria.rules.js';
import { asList, asSchema, resolve, snakeCase, type Schema } from './schema.rules.js';
import { fold } from './words.rules.js';

const LISTS = /^(?:criteria|criteria_results|success_criteria|criterion_results|checks|evaluations|requirements)$/;
const NAMES = /^(?:criterion|name|id|key|requirement)$/;

/** The criteria that the items of a verdict's list can be about; each with the text that the prompt has for it, where there is one. */
export function criteriaNamedBy(schema: Schema, asked: readonly Criterion[]): Criterion[] {
  return namesIn(schema, schema, 0).map((name) => {
    const plain = fold(name).replaceAll('_', ' ');
    const text = asked.find((each) => each.isListed && fold(each.text).replaceAll('_', ' ').includes(plain))?.text;
    return { name, text: text ?? name.replaceAll('_', ' '), isListed: true };
  });
}

function namesIn(given: Schema, root: Schema, depth: number): string[] {
  const members = Object.entries(asSchema(resolve(given, root)['properties']));
  for (const [name, member] of members) {
    const list = resolve(asSchema(member), root);
    const item = resolve(asSchema(list['items']), root);
    const found = LISTS.test(snakeCase(name)) ? choicesOf(item, root) : [];
    if (found.length > 0) return found;
    const nested = depth < 3 ? namesIn(list, root, depth + 1) : [];
    if (nested.length > 0) return nested;
  }
  return [];
}

function choicesOf(item: Schema, root: Schema): string[] {
  const member = Object.entries(asSchema(item['properties'])).find(([name]) => NAMES.test(snakeCase(name)))?.[1];
  const choices = asList(resolve(asSchema(member), root)['enum'] ?? item['enum']);
  return choices.filter((choice) => typeof choice === 'string');
}
