import { OrchestratorFixture } from './orchestrator-fixture.js';

it('an agent whose model has an open breaker waits until it lets a probe through', async () => {
  const fixture = await OrchestratorFixture.start({ llm: { breakerFailures: 3, breakerProbeSeconds: 2 } });
  try {
    fixture.model.script({ answer: 'It is back.' }, { status: 500, times: 3 });
    const result = await fixture.execute('What is a pen?');
    expect(result).toMatchObject({ success: true, content: 'It is back.' });
    // Three repetitions of the first try opened it; the second was refused before it was sent; the third was the probe.
    expect(fixture.model.requests).toHaveLength(4);
    const [agent] = (await fixture.tree(result.workflow_id)).agents;
    expect(agent?.state).toMatchObject({ attempts: [{ code: 'LLM_UPSTREAM' }, { code: 'LLM_UNAVAILABLE' }] });
  } finally {
    await fixture.close();
  }
});
