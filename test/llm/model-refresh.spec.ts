import { Logger } from '@nestjs/common';
import { AppConfig } from '../../src/config/app-config.js';
import { ModelCatalog } from '../../src/llm/model-catalog.js';
import { ModelRefresh } from '../../src/llm/model-refresh.service.js';
import { AnthropicProvider } from '../../src/llm/providers/anthropic/anthropic.provider.js';
import { OfflineProvider } from '../../src/llm/providers/offline/offline.provider.js';
import type { LlmProvider } from '../../src/llm/providers/provider.js';
import { startModelServer, type ModelServer } from '../support/model-server.js';

const KEY = 'the-key-of-this-test';

const config: AppConfig = Object.assign(new AppConfig(), { environment: 'test' as const });

let server: ModelServer;
let lines: string[];

beforeAll(async () => {
  server = await startModelServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.reset();
  lines = [];
  const write = (message: string): void => void lines.push(message);
  Logger.overrideLogger({ log: write, warn: write, error: write });
});
afterAll(() => {
  Logger.overrideLogger(false);
});

const refreshOf = (provider: LlmProvider, catalog = new ModelCatalog()): ModelRefresh =>
  new ModelRefresh(config, catalog, provider);
const anthropic = (): LlmProvider => new AnthropicProvider({ apiKey: KEY, baseUrl: server.url });

it('says once that the list cannot be had, and once that it can be again', async () => {
  const refresh = refreshOf(anthropic());
  server.listModels({ status: 500 });
  for (let time = 0; time < 3; time += 1) await refresh.refresh();
  server.listModels({ malformed: true });
  await refresh.refresh();
  expect(lines).toEqual([expect.stringContaining('answered 500')]);
  expect(lines.join()).not.toContain(KEY);
  server.listModels({});
  for (let time = 0; time < 2; time += 1) await refresh.refresh();
  expect(lines).toHaveLength(2);
  server.listModels({ status: 503 });
  await refresh.refresh();
  expect(lines).toHaveLength(3);
  expect(server.listRequests).toHaveLength(7);
});

it('shares a look that is under way', async () => {
  const refresh = refreshOf(anthropic());
  await Promise.all([refresh.refresh(), refresh.refresh(), refresh.refresh()]);
  expect(server.listRequests).toHaveLength(1);
});

it('looks for unknown models only between its start and its end', async () => {
  const catalog = new ModelCatalog();
  const refresh = refreshOf(anthropic(), catalog);
  const ask = (): void => expect(() => catalog.resolve('claude-9')).toThrow();
  ask();
  await refresh.beforeApplicationShutdown();
  refresh.start();
  ask();
  await refresh.refresh();
  expect(server.listRequests).toHaveLength(0);
  expect(lines).toEqual([]);
});

it('has nothing to say of a provider without a list', async () => {
  const catalog = new ModelCatalog();
  const before = catalog.list();
  await refreshOf(new OfflineProvider(), catalog).refresh();
  expect(catalog.list()).toEqual(before);
  expect(lines).toEqual([]);
});
