import { performance } from 'node:perf_hooks';

/** One model call. */
export const direct = (number = 0) => ({
  input_type: 'user_prompt',
  content: { prompt: `What is a river? (${number})` },
  execution_context: { execution_preferences: { strategy: 'direct_execution' } },
});

const PARTS = ['spring', 'brook', 'meander', 'delta', 'estuary', 'flood plain', 'tributary', 'watershed'];

const plannedAs = (strategy, objective) => ({
  input_type: 'structured_task',
  content: { task_definition: { primary_objective: objective } },
  execution_context: { resource_limits: { max_subtasks: 8 }, execution_preferences: { strategy } },
});

/** A plan of eight subtasks, one after the other: ten model calls with plan and synthesis. */
export const planned = (number = 0) =>
  plannedAs(
    'sequential_decomposition',
    PARTS.map((part, index) => `${index + 1}. Explain what a ${part} is (${number})`).join('\n'),
  );

/** The same at once: each subtask is a child. */
export const parallel = (number = 0) =>
  plannedAs('parallel_execution', PARTS.map((part) => `- Explain what a ${part} is (${number})`).join('\n'));

/** The same below orchestrators of its own, as far as the planner asks for them; the offline one asks for none. */
export const recursive = (number = 0) =>
  plannedAs('recursive_decomposition', PARTS.map((part) => `- Explain what a ${part} is (${number})`).join('\n'));

/** A council of three on the same parts, its steps as children, and a validator. */
export const council = (number = 0) =>
  plannedAs('council_driven', PARTS.map((part) => `- Explain what a ${part} is (${number})`).join('\n'));

/** A task, a verdict, and as many refinements as the verdicts ask for. */
export const iterative = (number = 0) => plannedAs('iterative_refinement', `Explain what a river is (${number})`);

/** Does `count` pieces of work, at most `concurrency` at once. Answers with the time of each and of all, in ms. */
export async function inParallel(count, concurrency, work) {
  const latenciesMs = [];
  let next = 0;
  const startedAt = performance.now();
  const worker = async () => {
    while (next < count) {
      const number = next++;
      const begun = performance.now();
      await work(number);
      latenciesMs.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { elapsedMs: performance.now() - startedAt, latenciesMs };
}
