import { StartError } from '../../src/config/start-error.js';
import { Problem } from '../../src/http/problem.js';
import { ModelCatalog } from '../../src/llm/model-catalog.js';
import { modelsOf } from '../../src/llm/model-catalog.rules.js';
import { mayLookForUnknown, nextRefreshMs } from '../../src/llm/model-refresh.rules.js';
import { FREE, LIST_PRICES } from '../../src/llm/pricing.rules.js';
import type { ProviderModel } from '../../src/llm/providers/provider.js';

const listed = (id: string, more: Partial<ProviderModel> = {}): ProviderModel => ({
  id,
  displayName: undefined,
  line: undefined,
  lifecycle: 'active',
  deprecatedAt: undefined,
  retiresAt: undefined,
  maxInputTokens: undefined,
  maxOutputTokens: undefined,
  ...more,
});

const refusal = (catalog: ModelCatalog, id: string): unknown => {
  try {
    return catalog.resolve(id).model.id;
  } catch (error) {
    return error instanceof Problem ? error.code : error;
  }
};

describe('the built-in table', () => {
  const catalog = new ModelCatalog();

  it('prices every model of the price list', () => {
    for (const id of Object.keys(LIST_PRICES))
      expect(catalog.resolve(id)).toMatchObject({ model: { id }, warnings: [] });
  });

  it.each([
    ['claude-3-5-haiku-20241022', 'claude-haiku-5-5'],
    ['claude-3-haiku-20240307', 'claude-haiku-5-5'],
    ['claude-3-5-sonnet-20241022', 'claude-sonnet-5-5'],
    ['claude-3-opus-20240229', 'claude-opus-5-5'],
  ])('answers %s by %s, with a warning', (old, current) => {
    const { model, warnings } = catalog.resolve(old);
    expect(model.id).toBe(current);
    expect(warnings).toEqual([`The model ${old} is retired; ${current} answered in its place.`]);
  });

  it('refuses what it does not know and what has no price', () => {
    expect(refusal(catalog, 'claude-9')).toBe('UNKNOWN_MODEL');
    expect(refusal(catalog, 'constructor')).toBe('UNKNOWN_MODEL');
    expect(refusal(catalog, 'claude-fable-5-2')).toBe('MODEL_UNPRICED');
    expect(refusal(catalog, 'claude-mythos-5-2')).toBe('MODEL_UNPRICED');
  });

  it('has a smallest cached beginning for each model', () => {
    const minima = new Map(catalog.list().map(({ id, minCacheTokens }) => [id, minCacheTokens]));
    expect([minima.get('claude-haiku-5-5'), minima.get('claude-haiku-4-5')]).toEqual([512, 4096]);
    expect([...minima.values()].every((tokens) => tokens >= 512 && tokens <= 4096)).toBe(true);
  });

  it('says which models nobody knows, for whom it may concern', () => {
    const told: string[] = [];
    const asked = new ModelCatalog();
    asked.onUnknown(() => told.push('unknown'));
    for (const id of ['claude-9', 'claude-haiku-5-5', 'claude-fable-5-2']) refusal(asked, id);
    expect(told).toEqual(['unknown']);
  });
});

describe('configured prices', () => {
  it('go before the list, and make a model known', () => {
    const configured = new ModelCatalog({ prices: { 'claude-fable-5-2': FREE, 'llama-local': FREE } });
    expect(configured.resolve('claude-fable-5-2').price).toBe(FREE);
    expect(configured.resolve('llama-local').model.displayName).toBe('llama-local');
  });

  it('of an old id mean that model itself', () => {
    const configured = new ModelCatalog({ prices: { 'claude-3-opus-20240229': FREE } });
    expect(configured.resolve('claude-3-opus-20240229')).toMatchObject({
      model: { id: 'claude-3-opus-20240229' },
      warnings: [],
    });
  });
});

describe('aliases', () => {
  it.each([
    ['fast', 'claude-haiku-5-5'],
    ['balanced', 'claude-sonnet-5-5'],
    ['best', 'claude-opus-5-5'],
  ])('%s is %s, without a warning', (alias, id) => {
    expect(new ModelCatalog().resolve(alias)).toMatchObject({ model: { id }, warnings: [] });
  });

  it('can be those of the configuration', () => {
    const catalog = new ModelCatalog({ aliases: { local: 'my-model' }, prices: { 'my-model': FREE } });
    expect(catalog.resolve('local').model.id).toBe('my-model');
    expect(catalog.list().flatMap((model) => catalog.namesOf(model))).toContain('local');
    expect(refusal(catalog, 'fast')).toBe('UNKNOWN_MODEL');
  });

  it.each([
    ['an unknown model', { fast: 'claude-9' }],
    ['a model without a price', { best: 'claude-fable-5-2' }],
    ['a retired id', { best: 'claude-3-opus-20240229' }],
    ['the id of a model as its name', { 'claude-opus-5': 'claude-opus-5-5' }],
    ['a retired id as its name', { 'claude-3-opus-20240229': 'claude-haiku-5-5' }],
  ])('stop the start with %s', (_what, aliases) => {
    expect(() => new ModelCatalog({ aliases })).toThrow(StartError);
    expect(() => new ModelCatalog({ aliases })).toThrow(/^LLM_MODEL_ALIASES must [^\n]+\.$/);
  });
});

describe('the default model', () => {
  it.each(['fast', 'claude-opus-5', 'claude-3-opus-20240229'])('can be %s', (defaultModel) => {
    expect(() => new ModelCatalog({ defaultModel })).not.toThrow();
  });

  it.each(['claude-9', 'claude-fable-5-2'])('stops the start when it is %s', (defaultModel) => {
    expect(() => new ModelCatalog({ defaultModel })).toThrow(StartError);
    expect(() => new ModelCatalog({ defaultModel })).toThrow(/^LLM_DEFAULT_MODEL must [^\n]+\.$/);
  });
});

describe('what the provider lists', () => {
  const catalogWith = (...models: ProviderModel[]): ModelCatalog => {
    const catalog = new ModelCatalog({ prices: { 'claude-haiku-6': FREE } });
    catalog.replace(models);
    return catalog;
  };

  it('wins on names, limits and lifecycle; prices are ours', () => {
    const said = { displayName: 'Haiku', maxInputTokens: 500, maxOutputTokens: 50, lifecycle: 'deprecated' } as const;
    const catalog = catalogWith(listed('claude-haiku-5-5', said));
    expect(catalog.resolve('claude-haiku-5-5')).toMatchObject({
      model: { displayName: 'Haiku', contextWindow: 500, maxOutputTokens: 50, lifecycle: 'deprecated', line: 'haiku' },
      price: LIST_PRICES['claude-haiku-5-5'],
    });
  });

  it('leaves what it does not say as it was', () => {
    const [before, after] = [modelsOf({}, []), modelsOf({}, [listed('claude-opus-5')])];
    expect(after).toEqual(before);
  });

  it('makes a model known, without a price', () => {
    expect(refusal(catalogWith(listed('claude-opus-6')), 'claude-opus-6')).toBe('MODEL_UNPRICED');
    expect(refusal(catalogWith(listed('constructor')), 'constructor')).toBe('MODEL_UNPRICED');
  });

  it('is the last list alone', () => {
    const catalog = catalogWith(listed('claude-opus-6'));
    catalog.replace([listed('claude-opus-7')]);
    expect(refusal(catalog, 'claude-opus-6')).toBe('UNKNOWN_MODEL');
  });

  it.each([
    [new Date('2027-03-01T00:00:00Z'), 'its retirement is set for 2027-03-01'],
    [undefined, 'no date is set for its retirement'],
  ])('warns of a deprecated model (%s)', (retiresAt, words) => {
    const catalog = catalogWith(listed('claude-opus-5', { lifecycle: 'deprecated', retiresAt }));
    expect(catalog.resolve('claude-opus-5').warnings).toEqual([`The model claude-opus-5 is deprecated; ${words}.`]);
  });

  it('warns of a deprecated model behind an alias too', () => {
    const catalog = catalogWith(listed('claude-opus-5-5', { lifecycle: 'deprecated' }));
    expect(catalog.resolve('best').warnings).toHaveLength(1);
  });

  it('has a retired model answered by the current one of its line', () => {
    const catalog = catalogWith(
      listed('claude-opus-5', { lifecycle: 'retired' }),
      listed('claude-opus-4', { lifecycle: 'retired', line: 'opus' }),
    );
    for (const id of ['claude-opus-5', 'claude-opus-4']) {
      expect(catalog.resolve(id)).toMatchObject({
        model: { id: 'claude-opus-5-5' },
        warnings: [`The model ${id} is retired; claude-opus-5-5 answered in its place.`],
      });
    }
  });

  it('leads from an old id to the model after the one that answered it', () => {
    const catalog = catalogWith(
      listed('claude-haiku-5-5', { lifecycle: 'retired' }),
      listed('claude-haiku-6', { line: 'haiku' }),
    );
    expect(catalog.resolve('claude-3-haiku-20240307')).toMatchObject({
      model: { id: 'claude-haiku-6' },
      warnings: ['The model claude-3-haiku-20240307 is retired; claude-haiku-6 answered in its place.'],
    });
    expect(catalog.resolve('fast').model.id).toBe('claude-haiku-6');
  });

  it.each([
    ['of no line', listed('old', { lifecycle: 'retired' })],
    ['of a line without a priced model', listed('claude-fable-5-1', { lifecycle: 'retired' })],
    ['of another line', listed('old', { lifecycle: 'retired', line: 'epic' })],
  ])('refuses a retired model %s', (_what, model) => {
    expect(refusal(catalogWith(model), model.id)).toBe('UNKNOWN_MODEL');
  });
});

describe('when to look at the list', () => {
  it.each([
    [0, 54],
    [0.5, 60],
    [1, 66],
  ])('with chance %s the next time is in %s minutes', (chance, minutes) => {
    expect(nextRefreshMs(chance) / 60_000).toBeCloseTo(minutes, 9);
  });

  it('for unknown models once a minute', () => {
    expect(mayLookForUnknown(undefined, 5)).toBe(true);
    expect(mayLookForUnknown(1_000, 60_999)).toBe(false);
    expect(mayLookForUnknown(1_000, 61_000)).toBe(true);
  });
});
