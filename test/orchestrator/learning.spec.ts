import { OutcomeRecorder } from '../../src/orchestrator/learning/outcome-recorder.js';
import { CLASS_HISTORY } from '../../src/orchestrator/learning/class-history.js';
import { STRATEGIES } from '../../src/orchestrator/workflows/workflow.values.js';
import { OrchestratorFixture, strategy } from './orchestrator-fixture.js';

interface Detail {
  workflow_id: string;
  scores: { success: number; usefulness: number; composite: number; quality: number; speed: number };
  feedback: { count: number; mean_score: number | null; items: { score: number; comment: string | null }[] };
  result: { metadata: Record<string, unknown> };
}

interface Learning {
  classes: {
    input_type: string;
    complexity: string;
    strategies: { strategy: string; samples: number; alpha: number; beta: number; is_used: boolean }[];
  }[];
}

describe('learning', () => {
  let fixture: OrchestratorFixture;

  beforeAll(async () => {
    fixture = await OrchestratorFixture.start();
  });
  afterAll(() => fixture.close());
  beforeEach(async () => {
    fixture.model.reset();
    await fixture.database.query('DELETE FROM workflow_outcomes');
  });

  const detail = (id: string): Promise<Detail> => fixture.get(`/workflows/${id}`);
  const feedback = (id: string, body: unknown, role: 'viewer' | 'operator' | 'admin' = 'operator'): Promise<Response> =>
    fixture.nyx.request(role, 'POST', `/api/v1/orchestrator/workflows/${id}/feedback`, body);
  const posteriors = async (): Promise<Learning['classes']> => (await fixture.get<Learning>('/learning')).classes;
  const direct = async (): Promise<string> => (await fixture.execute('What is a pen?')).workflow_id;

  it('estimates from the bounds of the plan until five of the class have ended, then from them', async () => {
    const first = await fixture.execute('What is a pen?');
    expect(first.metadata.estimate).toMatchObject({
      llm_calls: 1,
      cost_usd: 5,
      basis: { kind: 'bounds', samples: 0, input_type: 'user_prompt', complexity: 'low', strategy: 'direct_execution' },
      actual: { llm_calls: 1, agents: 1, cost_usd: first.cost_usd },
      error: { llm_calls: 0, agents: 0 },
    });
    for (let count = 1; count < 5; count += 1) await direct();
    const sixth = await fixture.execute('What is a pen?');
    expect(sixth.metadata.estimate).toMatchObject({
      llm_calls: 1,
      cost_usd: first.cost_usd,
      basis: { kind: 'history', samples: 5 },
      actual: { llm_calls: 1, agents: 1, cost_usd: sixth.cost_usd },
      error: { cost_usd: 0 },
    });
    expect(sixth.metadata.resource_estimate).toEqual(sixth.metadata.estimate);
    expect(sixth.metadata.strategy_reasons).toEqual([
      'overall complexity is low',
      expect.stringMatching(/^learned: direct_execution succeeds with 0\.86 in 5 samples/),
    ]);
    // Its time is weighed against those before it, whatever it was.
    const [row] = await fixture.database.query<{ median: number | null }>(
      `SELECT (score_input->>'medianDurationMs')::float8 AS median FROM workflow_outcomes WHERE workflow_id = $1`,
      [sixth.workflow_id],
    );
    expect(row?.median).toBeGreaterThan(0);
    expect(await posteriors()).toMatchObject([
      {
        input_type: 'user_prompt',
        complexity: 'low',
        strategies: [{ strategy: 'direct_execution', samples: 6, alpha: 7, beta: 1, is_used: true }],
      },
    ]);
  });

  it('chooses by what was learned, and says so with numbers', async () => {
    const task = {
      input_type: 'structured_task',
      content: { task_definition: { primary_objective: 'Describe a pen.' }, technical_requirements: ['complex ink'] },
    };
    const run = async (wanted?: string): Promise<Record<string, unknown>> => {
      const context = wanted === undefined ? {} : strategy(wanted);
      const answer = await fixture.send({ ...task, execution_context: context });
      return ((await answer.json()) as { metadata: Record<string, unknown> }).metadata;
    };
    expect(await run()).toMatchObject({
      strategy: 'sequential_decomposition',
      complexity: { overall: 'medium', technical: 'high', decided_by: { technical: 'rule', data: 'default' } },
      strategy_alternatives: [{ strategy: 'direct_execution', reason: 'overall complexity is medium' }, {}, {}, {}, {}],
    });
    fixture.model.script({ match: { schema: 'subtasks' }, status: 400, errorType: 'invalid_request_error' });
    for (let count = 0; count < 4; count += 1) await run('sequential_decomposition');
    for (let count = 0; count < 5; count += 1) await run('direct_execution');
    const learned = await run();
    expect(learned).toMatchObject({
      strategy: 'direct_execution',
      strategy_reasons: [
        expect.stringMatching(
          /^learned: direct_execution succeeds with 0\.86 in 5 samples.+sequential_decomposition succeeds with 0\.29 in 5 samples.+chance of [01]\.\d\d$/,
        ),
        'the rules alone choose sequential_decomposition: overall complexity is medium',
      ],
    });
  });

  it('a cancelled workflow has scores too, and says nothing of its strategy', async () => {
    fixture.model.script({ hang: true });
    const id = await fixture.accept('What is a pen?');
    await fixture.model.waitFor(1);
    const path = `/api/v1/orchestrator/workflows/${id}/cancel`;
    expect((await fixture.nyx.request('operator', 'POST', path)).status).toBe(202);
    expect(await detail(id)).toMatchObject({
      success: false,
      scores: { speed: 0.5, quality: 0, success: 0, usefulness: 0.14 },
      result: { metadata: { error: 'The workflow was cancelled.', estimate: { actual: { llm_calls: 1 } } } },
    });
    expect(await fixture.get(`/thought-trees/${id}`)).toMatchObject({ success_score: 0, usefulness_score: 0.14 });
    expect(await posteriors()).toEqual([]);
  });

  it('weighs the business impact that the user context gives', async () => {
    const body = { input_type: 'user_prompt', content: { prompt: 'What is a pen?' } };
    const usefulness = async (business_impact: unknown): Promise<number> => {
      const answer = await fixture.send({ ...body, user_context: { business_impact } });
      return (await detail(((await answer.json()) as { workflow_id: string }).workflow_id)).scores.usefulness;
    };
    expect([await usefulness(1), await usefulness(0), await usefulness('much')]).toEqual([0.96, 0.76, 0.86]);
  });

  it('takes no feedback for the registration of a schedule', async () => {
    const trigger = { type: 'time_based', schedule: '0 0 1 1 *' };
    const content = { trigger, prompt: 'What is a pen?' };
    const answer = await fixture.send({ input_type: 'scheduled_workflow', content });
    const { workflow_id: id } = (await answer.json()) as { workflow_id: string };
    expect((await feedback(id, { score: 1 })).status).toBe(409);
  });

  it('counts a workflow once, however often its end is written', async () => {
    const id = await direct();
    const before = await detail(id);
    const recorder = fixture.nyx.app.get(OutcomeRecorder);
    await fixture.database.transaction((tx) => recorder.record(tx, id));
    expect((await detail(id)).scores).toEqual(before.scores);
    expect(await posteriors()).toMatchObject([{ strategies: [{ samples: 1, alpha: 2, beta: 1 }] }]);
  });

  it('lets workflows of one class end without waiting for each other', async () => {
    const [one, other] = [await direct(), await direct()];
    await fixture.database.query('DELETE FROM workflow_outcomes');
    const recorder = fixture.nyx.app.get(OutcomeRecorder);
    await fixture.database.transaction(async (open) => {
      await recorder.record(open, one);
      await fixture.database.transaction(async (tx) => {
        await tx.query(`SET LOCAL lock_timeout = '1ms'`);
        await recorder.record(tx, other);
      });
    });
    expect(await posteriors()).toMatchObject([{ strategies: [{ samples: 2 }] }]);
  });

  it('reads the past of a class by its index, a bounded part of it', async () => {
    const id = await direct();
    await fixture.database.query(
      `WITH made AS (
         INSERT INTO workflows (id, principal_id, input_type, content, goal, status, completed_at)
         SELECT gen_random_uuid(), 'x', 'user_prompt', '{}', 'x', 'completed', now() FROM generate_series(1, 3000) RETURNING id
       )
       INSERT INTO workflow_outcomes (workflow_id, input_type, complexity, strategy, is_evidence, completed, success, llm_calls, agents,
                                      cost_usd, duration_ms, score_input, ended_at)
       SELECT made.id, input_type, complexity, strategy, true, true, 1, 1, 1, 0.01, 1000, score_input, ended_at - random() * interval '10 days'
         FROM made, workflow_outcomes o WHERE o.workflow_id = $1`,
      [id],
    );
    await fixture.database.query('ANALYZE workflow_outcomes');
    const plan = await fixture.database.query<{ 'QUERY PLAN': unknown }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${CLASS_HISTORY}`,
      ['user_prompt', 'low', STRATEGIES],
    );
    const text = JSON.stringify(plan);
    expect(text).toContain('ix_workflow_outcomes_class');
    expect(text).not.toContain('"Seq Scan"');
    const [own] = await posteriors();
    expect(own?.strategies).toMatchObject([{ samples: 50 }]);
    await fixture.database.query(`DELETE FROM workflows WHERE principal_id = 'x'`);
  });

  describe('feedback', () => {
    it('changes usefulness, composite and the posterior; one a principal, the last one counts', async () => {
      const id = await direct();
      const before = await detail(id);
      expect(before).toMatchObject({
        scores: { usefulness: 0.86 },
        feedback: { count: 0, mean_score: null, items: [] },
      });
      const given = await feedback(id, { score: 1, comment: 'Fine.' });
      expect(given.status).toBe(200);
      expect(await given.json()).toMatchObject({
        workflow_id: id,
        score: 1,
        comment: 'Fine.',
        scores: { usefulness: 0.916 },
      });
      expect((await feedback(id, { score: 0 })).status).toBe(200);
      const after = await detail(id);
      expect(after).toMatchObject({
        scores: { ...before.scores, usefulness: 0.516, composite: expect.any(Number) as number },
        feedback: { count: 1, mean_score: 0, items: [{ score: 0, comment: null }] },
      });
      expect(after.scores.composite).toBeCloseTo(before.scores.composite - 0.1 * (0.86 - 0.516), 6);
      expect(await fixture.get(`/thought-trees/${id}`)).toMatchObject({ usefulness_score: 0.516 });
      expect(await posteriors()).toMatchObject([{ strategies: [{ samples: 1, alpha: 1.6, beta: 1.4 }] }]);
      await feedback(id, { score: 1 }, 'admin');
      expect(await detail(id)).toMatchObject({
        scores: { usefulness: 0.716 },
        feedback: { count: 2, mean_score: 0.5 },
      });
    });

    it('loses none of several at once', async () => {
      const id = await direct();
      const roles = ['operator', 'admin', 'operator', 'admin'] as const;
      const answers = await Promise.all(roles.map((role) => feedback(id, { score: 1 }, role)));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      expect(await detail(id)).toMatchObject({ scores: { usefulness: 0.916 }, feedback: { count: 2, mean_score: 1 } });
    });

    it('is for ended workflows, operators and scores from 0 to 1', async () => {
      fixture.model.script({ hold: 'running' });
      const running = await fixture.accept('What is a pen?');
      await fixture.model.waitFor(1);
      expect((await feedback(running, { score: 1 })).status).toBe(409);
      fixture.model.release('running');
      await fixture.ended(running);
      for (const body of [
        { score: 1.01 },
        { score: -1 },
        { score: '1' },
        {},
        { score: 1, comment: 5 },
        { score: 1, x: 1 },
      ]) {
        expect((await feedback(running, body)).status).toBe(400);
      }
      expect((await feedback(running, { score: 1 }, 'viewer')).status).toBe(403);
      expect((await feedback('019ab0c4-5d6e-7f80-9123-456789abcdef', { score: 1 })).status).toBe(404);
      expect(await detail(running)).toMatchObject({ feedback: { count: 0 }, scores: { usefulness: 0.86 } });
    });
  });
});
