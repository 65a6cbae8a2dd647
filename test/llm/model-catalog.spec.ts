import { Problem } from '../../src/http/problem.js';
import { ModelCatalog } from '../../src/llm/model-catalog.js';
import { FREE, LIST_PRICES } from '../../src/llm/pricing.rules.js';

const catalog = new ModelCatalog();
const refusal = (id: string): unknown => {
  try {
    return catalog.resolve(id);
  } catch (error) {
    return error instanceof Problem ? error.code : error;
  }
};

it('prices every model of the price list', () => {
  for (const id of Object.keys(LIST_PRICES)) expect(catalog.resolve(id)).toMatchObject({ model: { id }, warnings: [] });
});

it.each([
  ['claude-3-5-haiku-20241022', 'claude-haiku-5-5'],
  ['claude-3-haiku-20240307', 'claude-haiku-5-5'],
  ['claude-3-5-sonnet-20241022', 'claude-sonnet-5-5'],
  ['claude-3-opus-20240229', 'claude-opus-5-5'],
])('answers %s by %s, with a warning', (old, current) => {
  const { model, warnings } = catalog.resolve(old);
  expect(model.id).toBe(current);
  expect(warnings).toEqual([expect.stringContaining(old)]);
});

it('refuses what it does not know and what has no price', () => {
  expect(refusal('claude-9')).toBe('UNKNOWN_MODEL');
  expect(refusal('constructor')).toBe('UNKNOWN_MODEL');
  expect(refusal('claude-fable-5-2')).toBe('MODEL_UNPRICED');
  expect(refusal('claude-mythos-5-2')).toBe('MODEL_UNPRICED');
});

it('takes prices of the configuration, also of models only it names', () => {
  const configured = new ModelCatalog({ 'claude-fable-5-2': FREE, 'llama-local': FREE });
  expect(configured.resolve('claude-fable-5-2').price).toBe(FREE);
  expect(configured.resolve('llama-local').model.displayName).toBe('llama-local');
});
