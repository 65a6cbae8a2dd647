import { OrchestratorFixture, uncached, type ExecuteAnswer } from './orchestrator-fixture.js';

interface Continues {
  parent_workflow_id: string;
  continuation_type: string;
  context_inheritance: string;
  thought_ids: string[];
  interaction_ids: string[];
}

type Detail = Record<string, unknown> & { continuations: string[]; goal: string; status: string };

describe('continuations', () => {
  let fixture: OrchestratorFixture;

  beforeAll(async () => {
    fixture = await OrchestratorFixture.start();
  });
  afterAll(() => fixture.close());
  beforeEach(() => fixture.model.reset());

  const send = (content: Record<string, unknown>, context: object = {}): Promise<Response> =>
    fixture.send({ input_type: 'continuation_workflow', content, execution_context: context });
  const continueIt = async (content: Record<string, unknown>): Promise<ExecuteAnswer> => {
    const answer = await send(content, { execution_preferences: { strategy: 'direct_execution' } });
    if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as ExecuteAnswer;
  };
  const lastAsked = (): string => fixture.model.requests.at(-1)?.prompt ?? '';
  const detail = (id: string): Promise<Detail> => fixture.get<Detail>(`/workflows/${id}`);
  const count = async (): Promise<number> =>
    (await fixture.database.query<{ count: number }>('SELECT count(*)::int AS count FROM workflows'))[0]?.count ?? -1;

  describe('of a workflow of which one subtask failed', () => {
    let parentId: string;
    let parentResult: string;

    beforeAll(async () => {
      fixture.model.reset();
      fixture.model.script({ match: { prompt: '<subtask>\nPart 2' }, stopReason: 'refusal', answer: '' });
      const answer = await fixture.send({
        input_type: 'structured_task',
        content: {
          task_definition: {
            primary_objective: 'Build a bridge. [[subtasks:2]] [[parallel]]',
            constraints: ['Made of stone'],
          },
        },
        execution_context: uncached('parallel_execution'),
      });
      const parent = (await answer.json()) as ExecuteAnswer;
      parentId = parent.workflow_id;
      parentResult = parent.content;
      expect(parent).toMatchObject({ success: false });
      expect(parentResult).not.toBe('');
    });

    const INSTRUCTION: Record<string, string> = {
      extend: 'Build on its results',
      retry: 'knowing what failed and why',
      refine: 'answer with the whole improved result',
    };
    const cases = ['extend', 'retry', 'refine'].flatMap((type) =>
      ['full', 'summary', 'none'].map((inheritance): [string, string] => [type, inheritance]),
    );

    it.each(cases)('%s with %s inheritance', async (type, inheritance) => {
      const { workflow_id: id, success } = await continueIt({
        parent_workflow_id: parentId,
        continuation_type: type,
        context_inheritance: inheritance,
        additional_requirements: ['With lamps'],
      });
      expect(success).toBe(true);
      const prompt = lastAsked();
      expect(prompt).toContain('<task>\nBuild a bridge.');
      expect(prompt).toContain('Additional requirements:\n- With lamps');

      const root = await fixture.tree(parentId);
      const failed = root.children.find(({ status }) => status === 'failed');
      const done = root.children.find(({ status }) => status === 'completed');
      const doneId = done?.llm_interactions.find(({ status }) => status === 'succeeded')?.id ?? '';
      const synthesisId = root.llm_interactions.find(({ purpose }) => purpose === 'synthesis')?.id ?? '';
      const [doneRow] = await fixture.database.query<{ text: string }>(
        'SELECT response_text AS text FROM llm_interactions WHERE id = $1',
        [doneId],
      );

      const isFull = inheritance === 'full';
      const isNone = inheritance === 'none';
      expect(prompt.includes(INSTRUCTION[type] ?? '?')).toBe(!isNone);
      expect(prompt.includes(`<earlier_result>\n${parentResult}\n</earlier_result>`)).toBe(!isNone);
      expect(prompt.includes('It ended as:\nfailed: ')).toBe(!isNone);
      expect(prompt.includes(`${failed?.goal ?? '?'} (failed)`)).toBe(isFull);
      expect(prompt.includes(doneRow?.text ?? '?')).toBe(isFull);
      expect(prompt.includes('- Made of stone')).toBe(!isNone && type !== 'extend');

      const { continues } = (await fixture.tree(id)).metadata as unknown as { continues: Continues };
      expect(continues).toMatchObject({
        parent_workflow_id: parentId,
        continuation_type: type,
        context_inheritance: inheritance,
      });
      expect(new Set(continues.thought_ids)).toEqual(
        new Set(isFull ? [parentId, ...root.children.map((child) => child.id)] : [parentId]),
      );
      if (isNone) expect(continues.interaction_ids).toEqual([]);
      else expect(continues.interaction_ids).toContain(synthesisId);
      expect(continues.interaction_ids.includes(doneId)).toBe(isFull);
    });

    it('links both ways', async () => {
      const before = (await detail(parentId)).continuations;
      const { workflow_id: id } = await continueIt({ parent_workflow_id: parentId });
      expect(await detail(id)).toMatchObject({ parent_workflow_id: parentId, continuations: [] });
      expect((await detail(parentId)).continuations).toEqual([id, ...before]);
      expect(await detail(parentId)).toMatchObject({ parent_workflow_id: null });
      expect(await fixture.get(`/workflows/${id}/status`)).toMatchObject({
        metadata: { parent_workflow_id: parentId },
      });
      expect(await fixture.get(`/workflows/${parentId}/status`)).toMatchObject({
        metadata: { continuations: [id, ...before] },
      });
      const { items } = await fixture.get<{ items: { workflow_id: string }[] }>(
        `/workflows?parent_workflow_id=${parentId}&limit=200`,
      );
      expect(items.map(({ workflow_id: each }) => each)).toEqual([id, ...before]);
    });

    it('tells the planner and every subtask what was inherited', async () => {
      const answer = await send(
        { parent_workflow_id: parentId, continuation_type: 'refine' },
        uncached('parallel_execution'),
      );
      expect(await answer.json()).toMatchObject({ success: true });
      expect(fixture.model.requests.length).toBeGreaterThanOrEqual(4);
      for (const { prompt } of fixture.model.requests) expect(prompt).toContain(parentResult);
    });
  });

  it('has an objective of its own when it is given one, beside that of its parent', async () => {
    const { workflow_id: parentId } = await fixture.execute('Draw a map.');
    const { workflow_id: id } = await continueIt({ parent_workflow_id: parentId, prompt: 'Colour it.' });
    expect(lastAsked()).toContain('<task>\nColour it.');
    expect(lastAsked()).toContain('Its task was:\nDraw a map.');
    expect((await detail(id)).goal).toBe('Colour it.');
  });

  it.each([
    ['retry', true],
    ['refine', true],
    ['extend', false],
  ])('%s of a reaction knows the event: %s', async (type, knows) => {
    const parent = await fixture.send({
      input_type: 'reactive_workflow',
      content: {
        trigger_event: { type: 'alarm', details: { floor: 7 } },
        response_strategy: 'Stay calm.',
        shift: 'late',
      },
    });
    const { workflow_id: parentId } = (await parent.json()) as ExecuteAnswer;
    await continueIt({ parent_workflow_id: parentId, continuation_type: type });
    for (const part of ['"floor": 7', 'Stay calm.', '"shift": "late"'])
      expect({ part, known: lastAsked().includes(part) }).toEqual({ part, known: knows });
  });

  it('keeps its prompts when its parent is erased', async () => {
    const { workflow_id: parentId, content } = await fixture.execute('Draw a house. [[subtasks:2]] [[parallel]]');
    fixture.model.reset();
    fixture.model.script({ hold: 'erased', times: 1 });
    const body = {
      input_type: 'continuation_workflow',
      content: { parent_workflow_id: parentId },
      execution_context: uncached('parallel_execution'),
    };
    const answer = await fixture.send(body, { prefer: 'respond-async' });
    const { workflow_id: id } = (await answer.json()) as ExecuteAnswer;
    await fixture.model.waitFor(1);
    await fixture.database.query('DELETE FROM workflows WHERE id = $1', [parentId]);
    fixture.model.release('erased');
    expect(await fixture.ended(id)).toMatchObject({ status: 'completed', parent_workflow_id: null });
    expect(fixture.model.requests).toHaveLength(4);
    for (const { prompt } of fixture.model.requests) expect(prompt).toContain(content);
  });

  it('stays bounded in a chain, and keeps its objective', async () => {
    const objective = 'Write a long saga. [[words:9000]]';
    let { workflow_id: id } = await fixture.execute(objective);
    const lengths: number[] = [];
    for (let link = 0; link < 4; link += 1) {
      ({ workflow_id: id } = await continueIt({ parent_workflow_id: id, additional_requirements: [`Part ${link}`] }));
      expect(lastAsked()).toContain(`<task>\n${objective}`);
      lengths.push(lastAsked().length);
    }
    expect((await detail(id)).goal).toBe(objective);
    expect(lastAsked()).toContain('… (shortened)');
    expect(Math.max(...lengths)).toBeLessThan(Math.min(...lengths) + 100);
    expect(lengths[0]).toBeLessThan(25_000);
  });

  it('refuses more success criteria than are checked, together with those of the parent', async () => {
    const { workflow_id: id } = await fixture.execute('What is a pen?');
    const criteria = (count: number, name: string) => Array.from({ length: count }, (_, index) => `${name} ${index}`);
    await fixture.database.query(
      `UPDATE workflows SET content = content || jsonb_build_object('success_criteria', $2::jsonb) WHERE id = $1`,
      [id, JSON.stringify(criteria(30, 'old'))],
    );
    const refined = { parent_workflow_id: id, continuation_type: 'refine' };
    const before = await count();
    const answer = await send({ ...refined, success_criteria: criteria(21, 'new') });
    expect(answer.status).toBe(400);
    const message = 'with those of the parent, must have at most 50 criteria of at most 2000 characters';
    expect(await answer.json()).toMatchObject({ errors: [{ field: 'content.success_criteria', message }] });
    expect(await count()).toBe(before);
  });

  it('refuses to continue nothing, or what has not ended, and changes nothing', async () => {
    fixture.model.script({ hold: 'running' });
    const running = await fixture.accept('Wait.');
    const before = await count();
    for (const [parent, message] of [
      ['019ab0c4-5d6e-7f80-9123-456789abcdef', 'names no workflow'],
      [running, 'names a workflow that has not ended'],
    ]) {
      const headers = { 'idempotency-key': `continue-${parent ?? ''}` };
      const body = { input_type: 'continuation_workflow', content: { parent_workflow_id: parent } };
      const answer = await fixture.send(body, headers);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({
        error_code: 'VALIDATION_ERROR',
        errors: [{ field: 'content.parent_workflow_id', message }],
      });
    }
    expect(await count()).toBe(before);
    fixture.model.release('running');
    await fixture.ended(running);
    // A refusal is not kept for its key.
    const body = { input_type: 'continuation_workflow', content: { parent_workflow_id: running } };
    expect((await fixture.send(body, { 'idempotency-key': `continue-${running}` })).status).toBe(200);
  });
});
