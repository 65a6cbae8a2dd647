import { readFileSync } from 'node:fs';
import type { ApiDocument } from '../docs/operations.js';
import { fuzz } from './fuzz-run.js';

const document = JSON.parse(readFileSync('openapi.json', 'utf8')) as ApiDocument;
const seed = Number(process.env.FUZZ_SEED ?? 20_261_131);

it(`10,000 fuzzed requests over all routes (FUZZ_SEED=${seed}): no 5xx, no leak, and NYX stays well`, async () => {
  expect(await fuzz(document, seed, 10_000)).toEqual([]);
}, 1_800_000);
