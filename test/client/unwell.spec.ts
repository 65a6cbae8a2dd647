import { NyxClient, NyxProblem } from '../../clients/typescript/src/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { DatabaseRelay } from '../support/database-relay.js';

let database: TestDatabase;
let relay: DatabaseRelay;
let nyx: TestApp;
beforeAll(async () => {
  database = await createTestDatabase();
  relay = await DatabaseRelay.before(database.url);
  nyx = await startApp({ database: { url: relay.url } });
});
afterAll(async () => {
  relay.resume();
  await nyx.close();
  await relay.close();
  await database.drop();
});

it('the report of a NYX that is not well comes with the problem', async () => {
  const client = new NyxClient({ url: nyx.url });
  relay.cut();
  const problem: unknown = await client.get('/readyz').catch((error: unknown) => error);
  expect(problem).toBeInstanceOf(NyxProblem);
  expect(problem).toMatchObject({ status: 503, error_code: undefined, isPassing: true, body: { status: 'not_ready' } });
  const health: unknown = await client.get('/health').catch((error: unknown) => error);
  expect(health).toMatchObject({
    status: 503,
    retryAfterSeconds: expect.any(Number) as number,
    body: { status: 'unhealthy' },
  });
});
