import { Decimal } from 'decimal.js';
import type { ModelPrice, PriceTier } from './model-price.js';
import { text, type Environment } from './settings.rules.js';
import { StartError } from './start-error.js';

export const DEFAULT_MODEL = 'claude-haiku-5-5';

/** Names that stand for a model wherever its id can. */
export const DEFAULT_MODEL_ALIASES: Readonly<Record<string, string>> = {
  fast: DEFAULT_MODEL,
  balanced: 'claude-sonnet-5-5',
  best: 'claude-opus-5-5',
};

const ALIAS = /^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/;
const MODEL_ID = /^[^\s,=]{1,100}$/;
const PRICE_KEYS = ['input', 'output', 'cache_write_5m', 'cache_write_1h', 'cache_read'] as const;
const TIER_START = 'above_input_tokens';
const TIER_KEYS: readonly string[] = [...PRICE_KEYS, TIER_START];
const MOST_TIERS = 10;
const MOST_TOKENS = 1_000_000_000;
const DEAREST = 1_000_000;
/** A token's share of such a price has at most the ten decimals that the database keeps. */
const PRICE_DECIMALS = 4;

type Json = Readonly<Record<string, unknown>>;

/**
 * The default aliases, with those of `name=model,name=model` added or in their place.
 * @throws StartError naming the variable, as every reader here does
 */
export function modelAliases(environment: Environment, name: string): Readonly<Record<string, string>> {
  const entries = (text(environment, name) ?? '').split(',').map((entry) => entry.trim());
  const given = entries.filter((entry) => entry !== '').map((entry) => aliasOf(name, entry));
  const aliases = { ...DEFAULT_MODEL_ALIASES, ...Object.fromEntries(given) };
  const twice = given.find(([alias], index) => given.findIndex(([other]) => other === alias) < index);
  if (twice) throw new StartError(`${name} must name each alias once, and names ${quoted(twice[0])} twice.`);
  const chained = given.find(([, model]) => Object.hasOwn(aliases, model));
  if (chained) {
    throw new StartError(`${name} must give models, not other aliases, and ${quoted(chained[0])} is given an alias.`);
  }
  return aliases;
}

/** Prices by model id, from JSON: a price, or tiers of prices with `above_input_tokens`. */
export function modelPrices(environment: Environment, name: string): Readonly<Record<string, ModelPrice>> {
  const value = text(environment, name);
  if (value === undefined) return {};
  const prices = parsed(value);
  if (!isObject(prices)) throw new StartError(`${name} must be a JSON object of prices by model id.`);
  return Object.fromEntries(Object.entries(prices).map(([id, price]) => [id, priceOf(name, id, price)]));
}

function aliasOf(name: string, entry: string): readonly [alias: string, model: string] {
  const [alias = '', model = '', ...rest] = entry.split('=').map((part) => part.trim());
  if (ALIAS.test(alias) && MODEL_ID.test(model) && rest.length === 0) return [alias, model];
  throw new StartError(
    `${name} must be a list such as fast=claude-haiku-5-5,local=my-model, and has ${quoted(entry)}.`,
  );
}

function priceOf(name: string, id: string, given: unknown): ModelPrice {
  if (!MODEL_ID.test(id)) throw new StartError(`${name} must name models by their ids, and names ${quoted(id)}.`);
  const tiers: unknown[] = Array.isArray(given) ? given : [given];
  const [first, ...others] = tiers.map((tier) => tierOf(name, id, tier, startOf(tier)));
  const starts = [first, ...others].map((tier) => tier?.aboveInputTokens ?? NaN);
  const areAscending = starts.every((start, index) => (index === 0 ? start === 0 : start > (starts[index - 1] ?? NaN)));
  if (first === undefined || !areAscending || starts.length > MOST_TIERS) {
    throw new StartError(
      `${name} must give ${quoted(id)} from 1 to ${MOST_TIERS} tiers whose ${TIER_START} are whole numbers that begin at 0 and ascend.`,
    );
  }
  return [first, ...others];
}

/** NaN when it is no whole number of tokens. Only the first tier may leave it out. */
function startOf(tier: unknown): number {
  const start = isObject(tier) ? (tier[TIER_START] ?? 0) : NaN;
  return typeof start === 'number' && Number.isInteger(start) && start >= 0 && start <= MOST_TOKENS ? start : NaN;
}

function tierOf(name: string, id: string, given: unknown, aboveInputTokens: number): PriceTier {
  if (!isObject(given) || Object.keys(given).some((key) => !TIER_KEYS.includes(key))) {
    throw new StartError(`${name} must give ${quoted(id)} a price of ${PRICE_KEYS.join(', ')}, and nothing else.`);
  }
  const amount = (key: (typeof PRICE_KEYS)[number]): Decimal => amountOf(name, id, key, given[key]);
  return {
    aboveInputTokens,
    input: amount('input'),
    output: amount('output'),
    cacheWrite5m: amount('cache_write_5m'),
    cacheWrite1h: amount('cache_write_1h'),
    cacheRead: amount('cache_read'),
  };
}

function amountOf(name: string, id: string, key: string, given: unknown): Decimal {
  const amount = typeof given === 'number' && given >= 0 && given <= DEAREST ? new Decimal(given) : undefined;
  if (amount !== undefined && amount.decimalPlaces() <= PRICE_DECIMALS) return amount;
  throw new StartError(
    `${name} must give ${quoted(id)} as ${key} a number of USD per million tokens, from 0 to ${DEAREST} with at most ${PRICE_DECIMALS} decimals.`,
  );
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const quoted = (value: string): string => JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);

function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
