import { newId } from '../../src/database/ids.js';
import { ExploreRecentFailure } from '../../src/motivation/motivations/explore-recent-failure.motivation.js';
import type { Evidence, Motivation, Outlook } from '../../src/motivation/motivations/motivation.js';
import { RefineLowConfidence } from '../../src/motivation/motivations/refine-low-confidence.motivation.js';
import { ResolveUnfinishedTasks } from '../../src/motivation/motivations/resolve-unfinished-tasks.motivation.js';
import { RequestCheck } from '../../src/orchestrator/workflows/request-check.service.js';
import { WorkflowAcceptance } from '../../src/orchestrator/workflows/workflow-acceptance.service.js';
import { OrchestratorFixture, strategy } from '../orchestrator/orchestrator-fixture.js';

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
});
afterAll(() => fixture.close());
beforeEach(() => fixture.model.reset());

type Own = new (...dependencies: never[]) => Motivation;
const outlook = (): Outlook => ({ now: new Date(), isSafe: true });
const look = (own: Own): Promise<Evidence> => fixture.nyx.app.get<Motivation>(own).look(fixture.database, outlook());

/** Has NYX do what the motivation proposes now. @returns the id of the workflow, which has ended */
async function done(own: Own): Promise<string> {
  const motivation = fixture.nyx.app.get<Motivation>(own);
  const proposal = motivation.propose(await look(own), outlook());
  if (proposal === undefined) throw new Error('It proposes nothing.');
  const checked = fixture.nyx.app.get(RequestCheck).check(proposal.request);
  const [acceptance, id] = [fixture.nyx.app.get(WorkflowAcceptance), newId()];
  const origination = { principalId: 'motivation', origin: 'motivation', isReadOnly: true } as const;
  await fixture.database.transaction((tx) => acceptance.write(tx, id, checked, origination));
  acceptance.begun(id);
  await fixture.ended(id);
  return id;
}

const promptsSent = (): string => JSON.stringify(fixture.model.requests.map(({ body }) => body));

describe('what workflows and tools leave behind', () => {
  it('is unsure where a model said so of a result, and is refined once', async () => {
    fixture.model.script({
      match: { prompt: 'How many clips' },
      answer: 'Maybe twelve.\n<confidence>0.3</confidence>',
    });
    const { workflow_id: id } = await fixture.execute('How many clips are there?', strategy('direct_execution'));
    await fixture.execute('Say something you are sure of.', strategy('direct_execution'));
    const { count, rows } = await look(RefineLowConfidence);
    expect(count).toBe(1);
    expect(rows).toMatchObject([{ workflowId: id, confidence: 0.3, excerpt: 'Maybe twelve.' }]);

    fixture.model.reset();
    const refined = await done(RefineLowConfidence);
    expect(promptsSent()).toContain(rows[0]?.id);
    expect(promptsSent()).toContain('Maybe twelve.');
    expect(await fixture.ended(refined)).toMatchObject({ status: 'completed' });
    expect(await look(RefineLowConfidence)).toMatchObject({ count: 0 });
  });

  it('is unsure in parts, too', async () => {
    fixture.model.script({ match: { system: 'one subtask' }, answer: 'A part.\n<confidence>0.2</confidence>' });
    const { workflow_id: id } = await fixture.execute('Write about three clips.', strategy('parallel_execution'));
    const [counted] = await fixture.database.query<{ parts: number }>(
      'SELECT count(*)::int AS parts FROM thought_trees WHERE parent_id = $1',
      [id],
    );
    const parts = counted?.parts ?? 0;
    expect(parts).toBeGreaterThan(1);
    const { rows } = await look(RefineLowConfidence);
    expect(rows.map((row) => (row as unknown as { workflowId: string }).workflowId)).toEqual(Array(parts).fill(id));
  });

  it('is taken up when it failed, and no more when that went well', async () => {
    fixture.model.script({ status: 400, errorType: 'invalid_request_error', errorMessage: 'clip is bent', times: 1 });
    const failed = await fixture.execute('Straighten the clip.', strategy('direct_execution'));
    expect(failed.success).toBe(false);
    const { rows } = await look(ResolveUnfinishedTasks);
    expect(rows).toMatchObject([{ id: failed.workflow_id, goal: 'Straighten the clip.', status: 'failed' }]);

    fixture.model.reset();
    fixture.model.script({ status: 400, errorType: 'invalid_request_error', errorMessage: 'bent again' });
    const inVain = await done(ResolveUnfinishedTasks);
    expect(await fixture.ended(inVain)).toMatchObject({ status: 'failed' });
    expect((await look(ResolveUnfinishedTasks)).rows.map(({ id }) => id)).toEqual([failed.workflow_id]);

    fixture.model.reset();
    const well = await done(ResolveUnfinishedTasks);
    expect(await fixture.ended(well)).toMatchObject({ status: 'completed' });
    expect(promptsSent()).toContain('Straighten the clip.');
    expect(promptsSent()).toContain('clip is bent');
    expect((await look(ResolveUnfinishedTasks)).count).toBe(0);
  });

  it('shows which tool keeps failing people, and with what', async () => {
    const run = (path: string) =>
      fixture.nyx.request('operator', 'POST', '/api/v1/tools/execute', {
        tool_name: 'file_operations',
        parameters: { operation: 'read_file', path },
      });
    // Outside of the workspace is refused: no failure of the tool.
    for (let number = 0; number < 4; number += 1) await run('../../etc/passwd');
    for (let number = 0; number < 2; number += 1) await run('not-there.txt');
    expect((await look(ExploreRecentFailure)).count).toBe(0);
    await run('not-there.txt');
    const { rows, count } = await look(ExploreRecentFailure);
    expect(count).toBe(1);
    expect(rows).toMatchObject([{ id: 'file_operations', failures: 3 }]);
    await done(ExploreRecentFailure);
    expect(promptsSent()).toContain('not-there.txt');
  });
});
