import { createHash } from 'node:crypto';
import {
  isObject,
  lastUserText,
  promptKey,
  promptText,
  type Json,
  type MessagesRequest,
} from './model-server-request.js';
import { fitItem, fitSchema, itemsOf, type SchemaFilling } from './model-server-schema.js';

export interface ToolUse {
  name: string;
  input: Json;
}

/** What the model says, before the wire gives it a form. */
export interface Answer {
  text: string;
  toolUses: ToolUse[];
  thinking?: string;
  stopReason: string;
}

const WORDS =
  'night river stone lamp harbour winter signal garden copper letter bridge shadow morning orbit paper field'.split(
    ' ',
  );

const numberIn = (text: string, marker: string): number | undefined => {
  const found = new RegExp(`\\[\\[${marker}:(\\d{1,4})\\]\\]`).exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
};

const words = (seed: string, count: number): string =>
  Array.from({ length: count }, (_, index) => {
    const digest = createHash('sha256').update(`${seed}/${index}`).digest();
    return WORDS[(digest[0] ?? 0) % WORDS.length] ?? '';
  }).join(' ');

/** Plain text: 24 words that depend on the prompt alone; `[[words:N]]` asks for N. */
const plainText = (request: MessagesRequest): string => {
  const key = promptKey(request);
  return `Answer ${key.slice(0, 8)}: ${words(key, numberIn(promptText(request), 'words') ?? 24)}.`;
};

/** How a plan refers to the step before: by its id where steps have ids, else by number, else by title. */
const reference = (item: Json, dependencies: Json | undefined, index: number): unknown => {
  const properties = isObject(item.properties) ? item.properties : {};
  const target = isObject(dependencies?.items) ? dependencies.items : {};
  const described = JSON.stringify([dependencies, target]).toLowerCase();
  if (target.type === 'integer' || target.type === 'number')
    return /0-based|zero|from 0|starting at 0/.test(described) ? index : index + 1;
  const named = ['id', 'key'].find((name) => isObject(properties[name]));
  return named === undefined ? titleOf(index) : idOf(properties[named], index);
};

const idOf = (schema: unknown, index: number): unknown =>
  isObject(schema) && schema.type === 'integer' ? index + 1 : `s${index + 1}`;

const titleOf = (index: number): string => `Part ${index + 1}`;

const DEPENDENCIES = ['dependencies', 'depends_on', 'dependsOn'];

/**
 * `[[subtasks:N]]` (default 3), `[[chain]]`: each waits for the one before; `[[parallel]]`, the default: none waits.
 * `[[decompose]]`: each is to be decomposed where a plan can say so; `[[decompose:N]]`: the first N.
 */
const planOf = (schema: Json, root: Json, whole: string, filling: SchemaFilling): Json[] => {
  // What NYX remembers of earlier workflows orders nothing.
  const prompt = whole.replaceAll(/<(memory_note_\w+)[^>]*>.*?<\/\1>/gs, '');
  const item = itemsOf(schema, root);
  if (!item) return [];
  const properties = isObject(item.properties) ? item.properties : {};
  const count = numberIn(prompt, 'subtasks') ?? 3;
  const decomposed = numberIn(prompt, 'decompose') ?? (prompt.includes('[[decompose]]') ? count : 0);
  const chained = prompt.includes('[[chain]]');
  return Array.from({ length: count }, (_, index) => {
    const override: Json = {
      id: idOf(properties.id, index),
      key: idOf(properties.key, index),
      title: titleOf(index),
      name: titleOf(index),
      instructions: `Do part ${index + 1} of ${count}.`,
      description: `Do part ${index + 1} of ${count}.`,
    };
    override.decompose = index < decomposed;
    for (const name of DEPENDENCIES) {
      const dependencies = isObject(properties[name]) ? properties[name] : undefined;
      override[name] = chained && index > 0 ? [reference(item, dependencies, index - 1)] : [];
    }
    return fitItem(item, root, override, filling);
  });
};

const structured = (request: MessagesRequest, schema: Json): string => {
  const key = promptKey(request);
  const prompt = promptText(request);
  const filling: SchemaFilling = { text: (property) => `${property} ${words(`${key}/${property}`, 6)}` };
  filling.property = (name, child, root) =>
    name === 'subtasks' && child.type === 'array' ? planOf(child, root, prompt, filling) : undefined;
  return JSON.stringify(fitSchema(schema, filling));
};

/** A tool is used when it is forced, or asked for by `[[tool:name {"json":1}]]` in a turn that has no result yet. */
const toolUsesOf = (request: MessagesRequest): ToolUse[] => {
  if (request.tools.length === 0 || request.toolChoice?.type === 'none') return [];
  const last = request.messages.at(-1);
  const answered = last?.content.some((block) => block.type === 'tool_result') ?? false;
  const asked = answered ? undefined : /\[\[tool:([\w-]+)\s*(\{.*?\})?\]\]/.exec(lastUserText(request));
  const forced = request.toolChoice?.type === 'tool' ? request.toolChoice.name : undefined;
  const any = request.toolChoice?.type === 'any' ? request.tools[0]?.name : undefined;
  const tool = request.tools.find(({ name }) => name === (asked?.[1] ?? forced ?? any));
  if (!tool) return [];
  const given: unknown = asked?.[2] === undefined ? undefined : JSON.parse(asked[2]);
  const fitted = fitSchema(tool.input_schema ?? { type: 'object' }, { text: (property) => `${property} value` });
  return [{ name: tool.name, input: (given ?? fitted) as Json }];
};

/** The answer nobody scripted: the same request always gets the same. */
export const defaultAnswer = (request: MessagesRequest): Answer => {
  const toolUses = toolUsesOf(request);
  if (toolUses.length > 0) return { text: 'I use a tool.', toolUses, stopReason: 'tool_use' };
  const text = request.schema ? structured(request, request.schema) : plainText(request);
  return { text, toolUses, stopReason: 'end_turn' };
};
