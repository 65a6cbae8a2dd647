import type { ProviderModel } from '../provider.js';
import { unreadable } from './answer.rules.js';

/** A list that goes on for longer is none. */
const MOST_MODELS = 1_000;
const LONGEST_TEXT = 200;

type Json = Readonly<Record<string, unknown>>;

/** The whole list. @throws ProviderFailure when it is none, whatever its types promise: servers that only resemble the API exist */
export async function modelsOf(list: AsyncIterable<unknown>): Promise<readonly ProviderModel[]> {
  const models: ProviderModel[] = [];
  for await (const listed of list) {
    if (models.length === MOST_MODELS) throw unreadable();
    models.push(modelOf(listed));
  }
  if (models.length === 0) throw unreadable();
  return models;
}

/** Everything but the id may be missing or null. */
function modelOf(listed: unknown): ProviderModel {
  if (!isObject(listed)) throw unreadable();
  const id = textOf(listed.id);
  if (id === undefined || /\s/.test(id)) throw unreadable();
  return {
    id,
    displayName: textOf(listed.display_name),
    line: textOf(listed.line),
    lifecycle: lifecycleOf(listed.lifecycle),
    deprecatedAt: dateOf(listed.deprecated_at),
    retiresAt: dateOf(listed.retires_at),
    maxInputTokens: limitOf(listed.max_input_tokens),
    maxOutputTokens: limitOf(listed.max_tokens),
  };
}

/** A stage that is not known yet is not the end of a model. */
function lifecycleOf(given: unknown): ProviderModel['lifecycle'] {
  const stage = textOf(given);
  return stage === 'deprecated' || stage === 'retired' ? stage : 'active';
}

const textOf = (given: unknown): string | undefined =>
  given === undefined || given === null ? undefined : checked(given, isText);

const limitOf = (given: unknown): number | undefined =>
  given === undefined || given === null ? undefined : checked(given, isLimit);

function dateOf(given: unknown): Date | undefined {
  const text = textOf(given);
  if (text === undefined) return undefined;
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw unreadable();
  return date;
}

function checked<T>(given: unknown, isValid: (value: unknown) => value is T): T {
  if (!isValid(given)) throw unreadable();
  return given;
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= LONGEST_TEXT;

const isLimit = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;
