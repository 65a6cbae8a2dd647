import { OrchestratorFixture } from './orchestrator-fixture.js';

it('an agent whose model has an open breaker waits until it lets a probe through', async () => {
  const fixture = await OrchestratorFixture.start({ llm: { breakerFailures: 3, breakerProbeSeconds: 4 } });
  try {
    fixture.model.script({ answer: 'It is back.' }, { status: 500, times: 3 });
    const result = await fixture.execute('What is a pen?');
    expect(result).toMatchObject({ success: true, content: 'It is back.' });
    // Three repetitions of the first try opened it; the fourth call was the probe. What was tried in between was refused unsent.
    expect(fixture.model.requests).toHaveLength(4);
    const [agent] = (await fixture.tree(result.workflow_id)).agents;
    const { attempts } = agent?.state as { attempts: { code: string }[] };
    expect(attempts[0]?.code).toBe('LLM_UPSTREAM');
    // On a busy machine the probe may be due before anything was refused.
    expect(attempts.slice(1).filter(({ code }) => code !== 'LLM_UNAVAILABLE')).toEqual([]);
  } finally {
    await fixture.close();
  }
});
