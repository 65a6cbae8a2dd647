import { availableParallelism } from 'node:os';
import { startOpponent } from '../opponents/child.mjs';
import { isBackground } from '../postgres-server.mjs';
import { processorTime, processorTimeWithChildren } from '../processor-time.mjs';
import { median, rounded } from '../statistics.mjs';
import { inParallel, planned } from '../workloads.mjs';

const LANGGRAPH_STEPS = 10;
const MARK = 0.6;

async function compare(context, opponent, concurrency, runs, modelSteps) {
  const { nyx, rounds } = context;
  const ours = [];
  const theirs = [];
  for (let round = 0; round < rounds; round++) {
    const own = await inParallel(runs, concurrency, (number) => nyx.client.run(planned(number)));
    ours.push((runs * modelSteps * 1000) / own.elapsedMs);
    const other = await opponent.ask({ runs, concurrency });
    theirs.push((runs * LANGGRAPH_STEPS * 1000) / other.elapsedMs);
  }
  const ratio = median(ours.map((value, round) => value / theirs[round]));
  return {
    figure: `durable model steps/s against LangGraph.js, ${concurrency} at once`,
    value: `${rounded(median(ours), 0)} : ${rounded(median(theirs), 0)} = ${rounded(ratio)} x`,
    mark: `>= ${MARK} x`,
    meets: ratio >= MARK,
    details: { rounds, runsPerRound: runs, modelSteps, nyxStepsPerSecond: ours, langgraphStepsPerSecond: theirs },
  };
}

/** What a run takes of the machine, beside what it could take where the mark is met. */
async function processorTimeOf({ nyx, server }, { details }, concurrency, runs) {
  const postmaster = await server.postmaster();
  const used = async () => ({
    nyx: (await processorTime(nyx.pid)).all,
    postgres: await processorTimeWithChildren(postmaster),
  });
  const before = await used();
  await inParallel(runs, concurrency, (number) => nyx.client.run(planned(number)));
  const after = await used();
  const msOf = (who) => ((after[who] - before[who]) * 1000) / runs;
  const leftMs =
    (availableParallelism() * 1000 * details.modelSteps) / (MARK * median(details.langgraphStepsPerSecond));
  return {
    figure: `processor time of a sequential workflow, ${concurrency} at once`,
    value: `NYX ${rounded(msOf('nyx'), 0)} ms, PostgreSQL ${rounded(msOf('postgres'), 0)} ms; ${MARK} x would leave both ${rounded(leftMs, 0)} ms`,
    details: { runs, nyxMs: msOf('nyx'), postgresMs: msOf('postgres'), leftMs },
  };
}

async function modelStepsOf({ nyx, nyxDatabase }) {
  const { workflow_id: id } = await nyx.client.run(planned());
  return (await nyxDatabase.one('SELECT count(*)::int AS n FROM llm_interactions WHERE workflow_id = $1', [id])).n;
}

/** Of a whole workflow, from its acceptance to its end; those of its transactions among them. */
async function statementsOf({ nyx, server }, modelSteps) {
  const statements = await server.observing(() => server.observe(() => nyx.client.run(planned())));
  const own = statements.filter((text) => !isBackground(text));
  return {
    figure: `statements of a sequential workflow (model steps: ${modelSteps})`,
    value: `${own.length} = ${rounded(own.length / modelSteps, 1)} a step`,
    details: { statements: own },
  };
}

/** The offline provider against nodes that do nothing, each step kept before the next; both on the same PostgreSQL. */
export default async function langgraph(context) {
  const { server, quick } = context;
  const opponent = await startOpponent('langgraph', await server.createDatabase('langgraph'));
  try {
    const modelSteps = await modelStepsOf(context);
    await opponent.ask({ runs: 2, concurrency: 2 });
    const statements = await statementsOf(context, modelSteps);
    const alone = await compare(context, opponent, 1, quick ? 2 : 10, modelSteps);
    const runs = quick ? 16 : 64;
    const together = await compare(context, opponent, 16, runs, modelSteps);
    return [statements, alone, together, await processorTimeOf(context, together, 16, runs)];
  } finally {
    await opponent.stop();
  }
}
