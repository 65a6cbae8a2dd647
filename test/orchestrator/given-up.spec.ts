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
});
