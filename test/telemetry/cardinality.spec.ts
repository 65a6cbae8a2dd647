import { randomUUID } from 'node:crypto';
import { startApp, type TestApp } from '../support/app.js';
import { parseMetrics } from './prometheus-text.js';

describe('labels', () => {
  let nyx: TestApp;

  beforeAll(async () => {
    nyx = await startApp();
  });
  afterAll(() => nyx.close());

  const series = async (): Promise<string[]> => {
    const text = await (await nyx.request('viewer', 'GET', '/metrics')).text();
    return [...parseMetrics(text).values()]
      .flatMap(({ samples }) => samples.map(({ name, labels }) => `${name}${JSON.stringify(labels)}`))
      .filter((each) => each.startsWith('nyx_'))
      .sort();
  };
  const strange = async (): Promise<void> => {
    const id = randomUUID();
    const tool = { tool_name: `tool-${id}`, parameters: {} };
    const foreign = { tool_name: `server-${id}.tool`, parameters: {} };
    const answers = await Promise.all([
      nyx.request('viewer', 'GET', `/${id}/${id}`),
      nyx.request('viewer', 'GET', `/api/v1/orchestrator/workflows/${id}`),
      nyx.request('viewer', 'GET', `/api/v1/llm/interactions/${id}?a=${id}`),
      nyx.request('operator', 'POST', '/api/v1/tools/execute', tool),
      nyx.request('operator', 'POST', '/api/v1/tools/execute', foreign),
    ]);
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
    expect(answers.every(({ status }) => status >= 400 && status < 500)).toBe(true);
  };

  it('get no values from 1,000 requests for addresses, ids and tools that nobody has', async () => {
    await strange();
    await series();
    const before = await series();
    for (let round = 0; round < 20; round += 1) await Promise.all(Array.from({ length: 10 }, strange));
    expect(await series()).toEqual(before);
  }, 300_000);

  it('get none from methods and headers either', async () => {
    await fetch(`${nyx.url}/health`, { method: 'PROPFIND' });
    const before = await series();
    for (const method of ['MKCOL', 'REPORT', 'SEARCH', 'LOCK']) {
      await fetch(`${nyx.url}/health`, { method, headers: { 'x-request-id': randomUUID() } });
    }
    expect(await series()).toEqual(before);
  });
});
