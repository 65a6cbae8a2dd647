import { cleanUpProcesses } from '../support/process.js';
import type { RecordedRequest } from '../support/model-server.js';
import { until } from '../support/until.js';
import { Chaos, RECOVERY_MS } from './chaos-fixture.js';

const CONTEXT = { execution_preferences: { strategy: 'sequential_decomposition', caching_strategy: 'disabled' } };
const TEXT = 'Units are metric.';
/** Any fixed number. */
const LOCK = 60_001;

/** No run of a tool ends while the test holds the lock. */
const ENDS_LATER = `
  CREATE FUNCTION ends_later() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock(${LOCK}); RETURN NEW; END $$;
  CREATE TRIGGER ends_later BEFORE UPDATE ON tool_executions FOR EACH ROW EXECUTE FUNCTION ends_later()`;

describe('kill -9 while agents tell each other something', () => {
  let chaos: Chaos;

  beforeAll(async () => {
    chaos = await Chaos.begin();
  });
  afterAll(async () => {
    await chaos.end();
    await cleanUpProcesses();
  });

  const messages = async (id: string) =>
    (
      await chaos.sql.query<{ delivered: boolean; processed: boolean; receipts: Record<string, number> }>(
        'SELECT delivered, processed, receipts FROM agent_communications WHERE workflow_id = $1',
        [id],
      )
    ).rows;
  const asked = (what: string, part: number): RecordedRequest[] =>
    chaos.model.requests.filter(({ prompt }) => prompt.includes(what) && prompt.includes(`<subtask>\nPart ${part}`));

  it('a message is stored once, and stands once in the next prompt of who it is for', async () => {
    chaos.model.script(
      {
        match: { prompt: '<subtask>\nPart 1', turn: 1 },
        toolUses: [{ name: 'communicate', input: { message_type: 'context_share', content: TEXT } }],
      },
      { match: { prompt: '<subtask>\nPart 1', turn: 2 }, answer: 'Told them.' },
      { match: { prompt: /Weigh[^]*<subtask>\nPart 2/ }, hang: true, times: 1 },
    );
    const first = await chaos.startNyx();
    const heard = await chaos.accept(first, 'Weigh the bridge. [[subtasks:2]] [[chain]]', CONTEXT);
    await until('the other agent is asked', () => asked('Weigh', 2).length === 1, RECOVERY_MS);
    await chaos.sql.query(ENDS_LATER);
    const holder = await chaos.sql.connect();
    await holder.query('SELECT pg_advisory_lock($1)', [LOCK]);
    const sent = await chaos.accept(first, 'Measure the bridge. [[subtasks:2]] [[chain]]', CONTEXT);
    await until('it is sent, and its step has not ended', async () => (await messages(sent)).length === 1);
    const { rows } = await chaos.sql.query('SELECT status FROM tool_executions WHERE workflow_id = $1', [sent]);
    expect(rows).toEqual([{ status: 'running' }]);
    await chaos.kill(first);
    await holder.query('SELECT pg_advisory_unlock($1)', [LOCK]);
    await chaos.sql.query('DROP FUNCTION ends_later CASCADE');
    holder.release();

    const second = await chaos.startNyx();
    await chaos.untilEnded([heard, sent], 90_000);
    for (const id of [heard, sent]) {
      expect(await chaos.workflow(second, id)).toMatchObject({ status: 'completed', success: true });
      const [message, ...more] = await messages(id);
      expect(more).toEqual([]);
      expect(message).toMatchObject({ delivered: true, processed: true });
      expect(Object.values(message?.receipts ?? {})).toContain(0);
      const ended = await chaos.sql.query('SELECT status FROM tool_executions WHERE workflow_id = $1', [id]);
      expect(ended.rows).toEqual([{ status: 'succeeded' }]);
      await chaos.expectConsistent(id);
    }
    // Neither turn of a sender was asked again; of the hearers one was, and was shown the same.
    expect([asked('Weigh', 1), asked('Measure', 1), asked('Measure', 2)].map(({ length }) => length)).toEqual([
      2, 2, 1,
    ]);
    const [before, after, ...others] = asked('Weigh', 2);
    expect(others).toEqual([]);
    expect(after?.body).toEqual(before?.body);
    for (const request of [after, asked('Measure', 2)[0]]) expect(request?.prompt.split(TEXT)).toHaveLength(2);
  }, 180_000);
});
