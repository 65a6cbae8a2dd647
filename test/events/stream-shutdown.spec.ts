import { newId } from '../../src/database/ids.js';
import { Database } from '../../src/database/database.service.js';
import { EventLog } from '../../src/events/event-log.js';
import { startApp, type TestApp } from '../support/app.js';

let nyx: TestApp;
beforeAll(async () => {
  nyx = await startApp();
}, 180_000);

it('a client that never reads its events does not keep NYX from stopping', async () => {
  const [log, id] = [nyx.app.get(EventLog), newId()];
  const text = 'x'.repeat(100_000);
  // 15 MB: more than the network holds.
  const many = Array.from({ length: 150 }, () => ({
    type: 'workflow.planned' as const,
    data: { thought_id: id, subtasks: [{ thought_id: id, title: text, kind: 'content_summary' }] },
  }));
  await nyx.app.get(Database).transaction((tx) => log.begin(tx, id, 'test', many));
  const answer = await nyx.request('viewer', 'GET', `/api/v1/orchestrator/workflows/${id}/events`);
  expect(answer.status).toBe(200);
  await nyx.close();
  await expect(answer.text()).rejects.toThrow('terminated');
}, 180_000);
