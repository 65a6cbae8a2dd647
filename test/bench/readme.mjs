import { readFile, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { formatTable } from './table.mjs';

const README = new URL('../../README.md', import.meta.url);
const RESULTS = new URL('results.json', import.meta.url);
const PLACE = /(?<=<!-- bench:start -->\n)[\s\S]*(?=<!-- bench:end -->)/;

/** Puts results between the marks of README.md: `npm run bench` does, and so does `node test/bench/readme.mjs` with those of `results.json`. */
export async function writeReadme({ measured_at: measuredAt, machine, rows }) {
  const text = await readFile(README, 'utf8');
  if (!PLACE.test(text)) throw new Error('README.md has no place for the results.');
  const { cpu, cores, memory_gib: memoryGib, os, node, postgresql } = machine;
  const measured =
    `Measured on ${measuredAt.slice(0, 10)}: ${cpu}, ${cores} cores, ${memoryGib} GiB, ${os}, ` +
    `Node ${node}, PostgreSQL ${postgresql}.`;
  const section = `\n${measured}\n\n<!-- prettier-ignore -->\n${formatTable(rows)}\n\n`;
  await writeFile(
    README,
    text.replace(PLACE, () => section),
  );
}

if (process.argv[1] === import.meta.filename) await writeReadme(JSON.parse(await readFile(RESULTS, 'utf8')));
