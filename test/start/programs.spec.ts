import { readFile } from 'node:fs/promises';
import { call, login } from '../http/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { cleanUpProcesses, startNyxProcess, type NyxProcess } from '../support/process.js';

const PASSWORD = 'the admin of the programs';

/** All other specs read one module to a file: what only goes wrong in the bundled programs is looked at here. */
describe('NYX, bundled', () => {
  let database: TestDatabase;
  let nyx: NyxProcess;
  let headers: Record<string, string>;

  beforeAll(async () => {
    database = await createTestDatabase();
    nyx = await startNyxProcess({ env: { DATABASE_URL: database.url, NYX_ADMIN_PASSWORD: PASSWORD } });
    headers = { authorization: `Bearer ${(await login(nyx.url, 'admin', PASSWORD)).access_token}` };
  }, 300_000);
  afterAll(async () => {
    await cleanUpProcesses();
    await database.drop();
  }, 300_000);

  it('has the API of the modules', async () => {
    const answer = await fetch(`${nyx.url}/openapi.json`);
    expect(await answer.json()).toEqual(JSON.parse(await readFile('openapi.json', 'utf8')));
  });

  // What an update inherits is kept by class-validator and class-transformer, of which there may be only one each.
  it('knows what is inside of the fields that an update has from another class', async () => {
    const url = `${nyx.url}/api/v1/orchestrator/triggers`;
    const body = {
      event_type: 'temperature.changed',
      workflow_template: { input_type: 'user_prompt', content: { prompt: 'Look at {{event.source}}.' } },
    };
    const made = await call<{ id: string }>(url, { headers, body });
    expect(made.status).toBe(201);
    const patch = (conditions: readonly object[]) =>
      call<{ conditions: unknown; errors: unknown }>(`${url}/${made.body.id}`, {
        method: 'PATCH',
        headers,
        body: { conditions },
      });
    const condition = { path: 'value', operator: 'gt', value: 30 };
    const changed = await patch([condition]);
    expect(changed).toMatchObject({ status: 200, body: { conditions: [condition] } });
    const refused = await patch([{ ...condition, operator: 'about' }]);
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body)).toContain('conditions.0.operator');
  });
});
