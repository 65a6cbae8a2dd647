import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { ToolRegistry } from '../../src/tools/tool-registry.js';
import { ToolRunner } from '../../src/tools/tool-runner.js';
import { OrchestratorFixture, strategy } from '../orchestrator/orchestrator-fixture.js';
import { CommitHold } from '../support/commit-hold.js';
import { createTestDatabase } from '../support/database.js';
import { DatabaseRelay } from '../support/database-relay.js';
import { until } from '../support/until.js';
import { done, TestTool } from '../tools/test-tools.js';
import { gate } from './durable-fixture.js';

/** Longer than anybody is kept waiting who could come again (60 s). */
const OUTAGE_MS = 66_000;

describe('an outage of the database that is longer than the patience with it', () => {
  it('costs no step what it paid for or did, leaves nothing reserved, and what a person did is on record', async () => {
    const database = await createTestDatabase();
    const relay = await DatabaseRelay.before(database.url);
    const sql = new pg.Pool({ connectionString: database.url, max: 2 });
    const fixture = await OrchestratorFixture.start({
      database: { url: relay.url },
      llm: { firstTokenTimeoutSeconds: 120 },
    });
    const mayEnd = gate();
    const tools = ['of_an_agent', 'of_a_person', 'not_begun'].map(
      (name) => new TestTool(name, () => mayEnd.opened.then(() => done), { timeoutMs: 120_000 }),
    );
    tools.forEach((tool) => fixture.nyx.app.get(ToolRegistry).register(tool));
    try {
      fixture.model.script(
        { match: { prompt: 'clip' }, hold: 'answer', answer: 'It clips.' },
        { match: { prompt: 'Do it', turn: 1 }, toolUses: [{ name: 'of_an_agent', input: {} }] },
        { match: { prompt: 'Do it', turn: 2 }, answer: 'It is done.' },
      );
      const asking = await fixture.accept('What is a clip?', strategy('direct_execution'));
      const acting = await fixture.accept('Do it.', {
        execution_preferences: { strategy: 'direct_execution', tools: ['of_an_agent'] },
      });
      const person = { kind: 'person', principalId: 'somebody', role: 'operator' } as const;
      const { signal } = new AbortController();
      const byHand = fixture.nyx.app
        .get(ToolRunner)
        .run({ toolName: 'of_a_person', parameters: {}, caller: person, signal });
      const refusedByHand = expect(byHand).rejects.toThrow();
      await until('all are under way', () => tools.filter(({ runs }) => runs === 1).length === 2);
      await fixture.model.waitFor(2);

      const hold = await CommitHold.on(sql, 'budget_ledger', 'tool_executions');
      const requests = [
        fixture.nyx.request('operator', 'POST', '/api/v1/llm/generate', { user_prompt: 'It is not sent.' }),
        fixture.nyx.request('operator', 'POST', '/api/v1/tools/execute', { tool_name: 'not_begun', parameters: {} }),
      ];
      await hold.untilHeld(2);
      relay.cut();
      await hold.release();
      fixture.model.release('answer');
      mayEnd.open();
      expect((await Promise.all(requests)).map(({ status }) => status)).toEqual([503, 503]);
      await sleep(OUTAGE_MS);
      await refusedByHand;
      relay.resume();
      await until('the database answers', () =>
        fixture.database.query('SELECT 1').then(
          () => true,
          () => false,
        ),
      );

      const ended = [await fixture.ended(asking), await fixture.ended(acting)];
      expect(ended.map(({ status, success }) => [status, success])).toEqual(Array(2).fill(['completed', true]));
      const written = async (): Promise<string[]> => {
        const { rows } = await sql.query<{ state: string }>(
          `SELECT tool_name || ' ' || status AS state FROM tool_executions
           UNION ALL
           SELECT i.purpose || ' ' || i.status || ' ' || l.status
             FROM llm_interactions i FULL JOIN budget_ledger l ON l.interaction_id = i.id`,
        );
        return rows.map(({ state }) => state).sort();
      };
      const isOpen = (state: string): boolean => /running|reserved/.test(state);
      await until('nothing is open', async () => !(await written()).some(isOpen)).catch(() => undefined);
      expect(await written()).toEqual([
        'direct succeeded settled',
        'direct succeeded settled',
        'direct:2 succeeded settled',
        'generate failed voided',
        'of_a_person succeeded',
        'of_an_agent succeeded',
      ]);
      expect(tools.map(({ runs }) => runs)).toEqual([1, 1, 0]);
    } finally {
      await fixture.close();
      await sql.end();
      await relay.close();
      await database.drop();
    }
  }, 240_000);
});
