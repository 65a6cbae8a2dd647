import { Chaos } from '../chaos/chaos-fixture.js';
import { createTestDatabase } from '../support/database.js';
import { cleanUpProcesses, newDataDir } from '../support/process.js';
import { doctor } from './doctor-process.js';

afterAll(cleanUpProcesses);

it('tells which duty no replica has, until one has it', async () => {
  const database = await createTestDatabase();
  const chaos = await Chaos.on(database.url, () => database.drop());
  const folder = await newDataDir();
  const examined = async (): Promise<{ code: number; findings: Record<string, string> }> => {
    const { code, findings } = await doctor(folder, { DATABASE_URL: database.url });
    const { requests = '', work = '', engine = '' } = findings;
    return { code, findings: { requests, work, engine } };
  };
  try {
    const nobody = { requests: '', work: '', engine: '' };
    expect(await examined()).toEqual({ code: 0, findings: nobody });

    const door = await chaos.startNyx({ NYX_ROLES: 'api' });
    const engine = 'No replica fires schedules and evaluates motivations: start one with NYX_ROLES=engine.';
    expect(await examined()).toEqual({
      code: 0,
      findings: {
        requests: '',
        work: 'note: 0 workflows wait and no replica works: start one with NYX_ROLES=worker.',
        engine: `note: ${engine}`,
      },
    });

    const id = await chaos.accept(door, 'Wait for somebody who works.', {});
    const workflow_template = { input_type: 'user_prompt', content: { prompt: 'Every year.' } };
    const body = JSON.stringify({ schedule: '0 0 1 1 *', workflow_template });
    expect((await chaos.fetch(door, '/api/v1/orchestrator/schedules', { method: 'POST', body })).status).toBe(201);
    expect(await examined()).toEqual({
      code: 1,
      findings: {
        requests: '',
        work: 'WRONG: 1 workflows wait and no replica works: start one with NYX_ROLES=worker.',
        engine: `WRONG: ${engine.replace(':', ', and there are some:')}`,
      },
    });

    await chaos.startNyx({ NYX_ROLES: 'worker,engine' });
    await chaos.untilEnded([id]);
    expect(await examined()).toEqual({ code: 0, findings: nobody });

    door.kill();
    await door.exited;
    expect(await examined()).toEqual({
      code: 1,
      findings: { ...nobody, requests: 'WRONG: No replica takes any: start one with NYX_ROLES=api.' },
    });
  } finally {
    await chaos.end();
  }
}, 180_000);
