import { readFile, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { formatTable } from './table.mjs';

const README = new URL('../../README.md', import.meta.url);
const MEASURED = new URL('../../docs/measured.md', import.meta.url);
const RESULTS = new URL('results.json', import.meta.url);
const PLACE = /(?<=<!-- bench:start -->\n)[\s\S]*(?=<!-- bench:end -->)/;

/** The figures that README has, too: of each kind one, and what is not met as well as what is. */
const IN_SHORT = [
  'durable model steps/s against LangGraph.js, 16 at once',
  'direct workflow over bare DBOS with as many steps (3)',
  'direct workflows ended with 32 at once, 1 replica',
  'p99 with 50 connections, slowest of the routes that wait for no model or tool',
  'kill -9 of one of two replicas to the next event of its workflow, 50 kills',
  'first start on an empty folder',
  'memory idle (RSS)',
];

async function fill(page, section) {
  const text = await readFile(page, 'utf8');
  if (!PLACE.test(text)) throw new Error(`${page.pathname} has no place for the results.`);
  await writeFile(
    page,
    text.replace(PLACE, () => section),
  );
}

/** Puts results between the marks of docs/measured.md and README.md: `npm run bench` does, and so does `node test/bench/measured.mjs` with those of `results.json`. */
export async function writeMeasured({ measured_at: measuredAt, machine, rows }) {
  const { cpu, cores, memory_gib: memoryGib, os, node, postgresql } = machine;
  const days = rows.map((row) => (row.measured_at ?? measuredAt).slice(0, 10)).sort();
  const [first, last] = [days[0], days.at(-1)];
  const measured =
    `Measured ${first === last ? `on ${first}` : `from ${first} to ${last}`}: ${cpu}, ${cores} cores, ${memoryGib} GiB, ${os}, ` +
    `Node ${node}, PostgreSQL ${postgresql}.`;
  const sectionOf = (shown) => `\n${measured}\n\n<!-- prettier-ignore -->\n${formatTable(shown)}\n\n`;
  const inShort = IN_SHORT.flatMap((name) => rows.filter(({ figure }) => figure === name));
  await fill(MEASURED, sectionOf(rows));
  await fill(README, sectionOf(inShort));
}

if (process.argv[1] === import.meta.filename) await writeMeasured(JSON.parse(await readFile(RESULTS, 'utf8')));
