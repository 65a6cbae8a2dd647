import { OrchestratorFixture, strategy } from './orchestrator-fixture.js';

const REPLACEMENT = '\uFFFD';
const VALIDATOR = { system: 'validator of NYX' };
/** Its emoji stands where 400 characters end. */
const COMPLAINT = `${'a'.repeat(399)}😀 and more words`;
const REFUSAL = {
  passed: false,
  score: 0.3,
  findings: [{ severity: 'error', message: COMPLAINT }],
  criteria: [],
  confidence: 0.9,
};

describe('texts that PostgreSQL cannot store or that were cut', () => {
  let fixture: OrchestratorFixture;

  beforeAll(async () => {
    fixture = await OrchestratorFixture.start();
  });
  afterAll(() => fixture.close());
  beforeEach(() => fixture.model.reset());

  it('a prompt with an emoji across the end of the goal is accepted, the model gets it whole', async () => {
    const prompt = `${'a'.repeat(499)}😀 and more`;
    const answer = await fixture.execute(prompt);
    expect(answer.success).toBe(true);
    expect(fixture.model.requests.at(-1)?.prompt).toContain(prompt);
    expect((await fixture.tree(answer.workflow_id)).goal.isWellFormed()).toBe(true);
  });

  it("half an emoji in the provider's error ends the workflow with that error", async () => {
    fixture.model.script({
      status: 400,
      errorType: 'invalid_request_error',
      errorMessage: 'cannot read "abc\uD83D" here',
    });
    const { success, metadata } = await fixture.execute('What is a clip?');
    expect({ success, code: metadata.error_code }).toEqual({ success: false, code: 'LLM_UPSTREAM' });
    const [call] = await fixture.database.query<{ status: string; error_message: string }>(
      'SELECT status, error_message FROM llm_interactions ORDER BY request_timestamp DESC LIMIT 1',
    );
    expect(call).toMatchObject({ status: 'failed' });
    expect(call?.error_message).toContain(`cannot read "abc${REPLACEMENT}" here`);
  });

  it('a stop reason with NUL ends the workflow, its answer paid and kept', async () => {
    fixture.model.script({ answer: 'x', stopReason: 'od\u0000d' });
    const answer = await fixture.execute('What is a clip?');
    expect(answer).toMatchObject({ success: false, content: 'x', metadata: { error_code: 'LLM_UNEXPECTED_STOP' } });
    expect(answer.cost_usd).toBe(fixture.model.totalChargedUsd().toNumber());
    const [call] = await fixture.database.query(
      'SELECT stop_reason FROM llm_interactions ORDER BY request_timestamp DESC LIMIT 1',
    );
    expect(call).toEqual({ stop_reason: `od${REPLACEMENT}d` });
  });

  it('a verdict that is cut at an emoji warns of a result that stands', async () => {
    fixture.model.script({ answer: 'Rivers are wet.' }, { match: VALIDATOR, answer: REFUSAL });
    const answer = await fixture.execute('What is a river?', {
      ...strategy('direct_execution'),
      quality_settings: { validation_level: 'standard' },
    });
    expect(answer).toMatchObject({ success: true, content: 'Rivers are wet.' });
    expect(answer.metadata.warnings).toEqual([`The result did not pass its validation: ${'a'.repeat(399)}`]);
    expect(await fixture.ended(answer.workflow_id)).toMatchObject({ status: 'completed' });
  });

  it('half an emoji in the error of a validator warns of a result that stands', async () => {
    const errorMessage = 'cannot read "abc\uD83D" here';
    fixture.model.script(
      { answer: 'Rivers are wet.' },
      { match: VALIDATOR, status: 400, errorType: 'invalid_request_error', errorMessage },
    );
    const answer = await fixture.execute('What is a river?', {
      ...strategy('direct_execution'),
      quality_settings: { validation_level: 'standard' },
    });
    expect(answer).toMatchObject({ success: true, content: 'Rivers are wet.' });
    expect(answer.metadata.warnings).toEqual([expect.stringContaining(`cannot read "abc${REPLACEMENT}" here`)]);
  });

  it('a round is told what the one before lacks, cut at an emoji, in a request that the API takes', async () => {
    fixture.model.script(
      { match: { prompt: 'Do this task.' }, answer: 'One.' },
      { match: { prompt: '<draft>' }, answer: 'Two.' },
      { match: VALIDATOR, answer: REFUSAL },
      {
        match: { ...VALIDATOR, prompt: '<output>\nTwo.' },
        answer: { ...REFUSAL, passed: true, score: 1, findings: [] },
      },
    );
    const answer = await fixture.execute('Write.', strategy('iterative_refinement'));
    expect(answer).toMatchObject({ success: true, content: 'Two.', metadata: { warnings: [] } });
    const second = fixture.model.requests.find(({ prompt }) => prompt.includes('<draft>'));
    expect(second?.prompt).toContain('a'.repeat(399));
    expect(second?.prompt).not.toContain(REPLACEMENT);
    expect(second?.prompt.isWellFormed()).toBe(true);
  });

  it('a truncated direct answer keeps the text that was paid for', async () => {
    fixture.model.script({ answer: 'a very long and paid text', stopReason: 'max_tokens' });
    const answer = await fixture.execute('What is a clip?');
    expect(answer).toMatchObject({
      success: false,
      content: 'a very long and paid text',
      metadata: { error_code: 'LLM_TRUNCATED' },
    });
    expect(answer.cost_usd).toBe(fixture.model.totalChargedUsd().toNumber());
    // Each of the agent's three tries was cut off.
    expect(fixture.model.requests).toHaveLength(3);
  });
});
