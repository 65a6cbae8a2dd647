import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { randomUUID } from 'node:crypto';
import process from 'node:process';
import pg from 'pg';
import { inParallel } from '../workloads.mjs';
import { serve } from './child.mjs';

const STEPS = 10;

const saver = new PostgresSaver(new pg.Pool({ connectionString: process.argv[2], max: 20 }));
await saver.setup();

const State = Annotation.Root({ text: Annotation() });
const graph = new StateGraph(State);
for (let step = 0; step < STEPS; step++) graph.addNode(`step${step}`, () => ({ text: `answer ${step}` }));
for (let step = 0; step <= STEPS; step++) {
  graph.addEdge(step === 0 ? START : `step${step - 1}`, step === STEPS ? END : `step${step}`);
}
const compiled = graph.compile({ checkpointer: saver });

serve(({ runs, concurrency }) =>
  inParallel(runs, concurrency, (number) =>
    compiled.invoke(
      { text: `question ${number}` },
      { configurable: { thread_id: randomUUID() }, durability: 'sync', recursionLimit: 50 },
    ),
  ),
);
