import pg from 'pg';
import { DataSource } from 'typeorm';
import { databaseUrl } from '../../src/database/kept-connection.js';
import { until } from '../support/until.js';
import { OrchestratorFixture, uncached } from './orchestrator-fixture.js';

describe('a workflow whose durable function ended without an end of its own', () => {
  let fixture: OrchestratorFixture;

  beforeAll(async () => {
    fixture = await OrchestratorFixture.start();
  });
  afterAll(() => fixture.close());

  it('is ended as failed with its branches, whose calls in flight are aborted', async () => {
    fixture.model.script({ match: { system: 'one subtask' }, hang: true });
    const id = await fixture.accept('[[subtasks:2]] [[parallel]]', uncached('parallel_execution'));
    await fixture.model.waitFor(3);
    await fixture.database.query(
      `UPDATE durable.workflow_status SET status = 'ERROR', owner_xid = NULL WHERE workflow_uuid = $1`,
      [id],
    );
    const { status, result } = await fixture.ended(id);
    expect(status).toBe('failed');
    expect(result.metadata.error_code).toBe('INTERNAL');
    await fixture.model.waitFor(() =>
      fixture.model.requests.slice(1).every(({ outcome }) => outcome === 'client_gone'),
    );
    const branches = await fixture.database.query<{ status: string }>(
      'SELECT status FROM durable.workflow_status WHERE parent_workflow_id = $1',
      [id],
    );
    expect(branches).toEqual([{ status: 'CANCELLED' }, { status: 'CANCELLED' }]);
    expect((await fixture.eventTypes(id)).at(-1)).toBe('workflow.failed');
    // One of its three agents, the planner, succeeded.
    expect(await fixture.get(`/workflows/${id}`)).toMatchObject({
      scores: { success: 0.033333, quality: 0.333333 },
      result: { metadata: { estimate: { actual: { llm_calls: 3, agents: 3 } } } },
    });
    expect(await fixture.get('/learning')).toMatchObject({
      classes: [{ strategies: [{ strategy: 'parallel_execution', samples: 1, alpha: 1, beta: 2 }] }],
    });
  });

  it('is ended as failed though its function succeeded', async () => {
    const { workflow_id: id } = await fixture.execute('Go.', uncached('direct_execution'));
    await fixture.database.query(`UPDATE workflows SET status = 'in_progress', completed_at = NULL WHERE id = $1`, [
      id,
    ]);
    expect(await fixture.ended(id)).toMatchObject({
      status: 'failed',
      result: { metadata: { error_code: 'INTERNAL', error: 'The workflow came to its end without writing a result.' } },
    });
  });

  it('is found however many older ones are under way', async () => {
    fixture.model.script({ hang: true });
    const id = await fixture.accept('Never.', uncached('direct_execution'));
    await fixture.database.query(
      `INSERT INTO workflows SELECT (jsonb_populate_record(w, jsonb_build_object('id', gen_random_uuid(), 'created_at', w.created_at - interval '1 day'))).*
         FROM workflows w, generate_series(1, 1500) WHERE w.id = $1`,
      [id],
    );
    await fixture.database.query(
      `UPDATE durable.workflow_status SET status = 'ERROR', owner_xid = NULL WHERE workflow_uuid = $1`,
      [id],
    );
    expect((await fixture.ended(id)).status).toBe('failed');
    await fixture.database.query(`DELETE FROM workflows WHERE completed_at IS NULL`);
  });
});

describe('a branch that is being started while its workflow is cancelled', () => {
  let fixture: OrchestratorFixture;

  beforeAll(async () => {
    fixture = await OrchestratorFixture.start();
  });
  afterAll(() => fixture.close());

  it('is cancelled with it', async () => {
    const holder = new pg.Client({ connectionString: databaseUrl(fixture.nyx.app.get(DataSource)) });
    await holder.connect();
    try {
      await holder.query(`
        CREATE FUNCTION hold_children() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NULL; END $$;
        CREATE TRIGGER hold_children AFTER INSERT ON durable.workflow_status FOR EACH ROW
          WHEN (NEW.parent_workflow_id IS NOT NULL) EXECUTE FUNCTION hold_children();
        SELECT pg_advisory_lock(4711)`);
      const waiting = async (what: string): Promise<boolean> => {
        const { rows } = await holder.query(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE $1`,
          [what],
        );
        return rows.length > 0;
      };
      const id = await fixture.accept('[[subtasks:2]] [[parallel]]', uncached('parallel_execution'));
      await until('a branch is being started', () => waiting('INSERT INTO "durable"%'));
      const cancel = fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/cancel`);
      await until('the cancel waits for it', () => waiting('%CANCELLED%'));
      await holder.query('SELECT pg_advisory_unlock(4711)');
      expect((await cancel).status).toBe(202);
      const { rows } = await holder.query<{ status: string }>(
        'SELECT status FROM durable.workflow_status WHERE workflow_uuid = $1 OR parent_workflow_id = $1',
        [id],
      );
      // Also the second, when it gets its turn before the cancel does.
      expect(rows.length).toBeGreaterThan(1);
      expect(rows.filter(({ status }) => status !== 'CANCELLED')).toEqual([]);
      expect((await fixture.eventTypes(id)).at(-1)).toBe('workflow.cancelled');
      expect(fixture.model.requests).toHaveLength(1);
    } finally {
      await holder.end();
    }
  });
});
