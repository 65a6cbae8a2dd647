import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { cleanUpProcesses, type NyxProcess } from '../support/process.js';
import { Chaos } from './chaos-fixture.js';

const WORKFLOWS = 10;
/** No request may hang: this is the patience of an integrator's client, not a speed. */
const PATIENCE_MS = 20_000;

describe('PostgreSQL restarted under load', () => {
  let folder: string;
  let server: EmbeddedPostgres;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nyx-test-restart-'));
    server = await EmbeddedPostgres.start({ dataDir: folder, usualPort: 0 });
  });
  afterAll(async () => {
    await cleanUpProcesses();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('loses nothing, and answers 503 with Retry-After in between', async () => {
    const chaos = await Chaos.on(server.url);
    try {
      chaos.model.script({ delayMs: 150 });
      const nyx = await chaos.startNyx();
      const ids: string[] = [];
      for (let index = 0; index < WORKFLOWS; index += 1) {
        const strategy = index % 2 === 0 ? 'sequential_decomposition' : 'parallel_execution';
        ids.push(await chaos.accept(nyx, `Piece ${index}. [[subtasks:6]]`, { execution_preferences: { strategy } }));
      }
      await chaos.model.waitFor(WORKFLOWS * 2);
      const { port } = server;
      await server.stop();
      const during = await Promise.all([lookAt(chaos, nyx, ids[0]), lookAt(chaos, nyx, ids[1]), execute(chaos, nyx)]);
      await sleep(1_000);
      server = await EmbeddedPostgres.start({ dataDir: folder, usualPort: port });
      expect(server.port).toBe(port);

      for (const answer of during) {
        expect(answer.status).toBe(503);
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(await answer.json()).toMatchObject({ error_code: 'DATABASE_UNAVAILABLE' });
      }
      await chaos.untilEnded(ids);
      for (const id of ids) {
        expect(await chaos.workflow(nyx, id)).toMatchObject({ status: 'completed', success: true });
        await chaos.expectConsistent(id);
        for (const { prompt_text: prompt } of await chaos.calls(id)) expect(chaos.timesAsked(prompt)).toBe(1);
      }
    } catch (error) {
      throw new Error(`${String(error)}${chaos.logs()}`, { cause: error });
    } finally {
      await chaos.end();
    }
  }, 180_000);
});

const lookAt = (chaos: Chaos, nyx: NyxProcess, id: string | undefined): Promise<Response> =>
  chaos.fetch(nyx, `/api/v1/orchestrator/workflows/${id ?? ''}/status`, { signal: AbortSignal.timeout(PATIENCE_MS) });

const execute = (chaos: Chaos, nyx: NyxProcess): Promise<Response> =>
  chaos.fetch(nyx, '/api/v1/orchestrator/workflows/execute', {
    method: 'POST',
    body: JSON.stringify({ input_type: 'user_prompt', content: { prompt: 'Is anybody there?' } }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
