import { startOpponent } from '../opponents/child.mjs';
import { isBackground } from '../postgres-server.mjs';
import { median, rounded } from '../statistics.mjs';
import { inParallel, planned } from '../workloads.mjs';

const LANGGRAPH_STEPS = 10;

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
    mark: '>= 0.6 x',
    meets: ratio >= 0.6,
    details: { rounds, runsPerRound: runs, modelSteps, nyxStepsPerSecond: ours, langgraphStepsPerSecond: theirs },
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
    return [
      await statementsOf(context, modelSteps),
      await compare(context, opponent, 1, quick ? 2 : 10, modelSteps),
      await compare(context, opponent, 16, quick ? 16 : 64, modelSteps),
    ];
  } finally {
    await opponent.stop();
  }
}
