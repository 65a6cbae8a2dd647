import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADVISORY_LOCKS } from '../../src/database/advisory-locks.js';

const SOURCES = new URL('../../src/', import.meta.url).pathname;

/** The embedded server's folder is locked in another database; sessions of replicas and rates of tools have keys that are computed. */
const ELSEWHERE = ['embedded-postgres.ts', 'rates.ts'];

it('each lock has a number of its own', () => {
  const numbers = Object.values(ADVISORY_LOCKS);
  expect(new Set(numbers).size).toBe(numbers.length);
});

it('no number of a lock stands anywhere else', () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const others = files.filter(
    (name) =>
      !ELSEWHERE.some((other) => name.endsWith(other)) &&
      /\b\w*LOCK\w* = '?[\d_]{5,}'?;/.test(readFileSync(join(SOURCES, name), 'utf8')),
  );
  expect(others).toEqual([]);
});
