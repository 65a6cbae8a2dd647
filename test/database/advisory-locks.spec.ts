import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADVISORY_LOCKS } from '../../src/database/advisory-locks.js';

const SOURCES = new URL('../../src/', import.meta.url).pathname;

/** Who locks by a number of its own: the folder, in another database; executors, rates and webhooks, whose keys are computed. */
const BY_THEMSELVES = [
  'database/advisory-locks.ts',
  'database/embedded-postgres.ts',
  'durable/executor-session.ts',
  'durable/recovery.service.ts',
  'events/webhooks/webhooks.service.ts',
  'tools/policy/rates.ts',
];

it('each lock has a number of its own', () => {
  const numbers = Object.values(ADVISORY_LOCKS);
  expect(new Set(numbers).size).toBe(numbers.length);
});

it('nobody else locks by a number that is not among them', () => {
  const others = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !BY_THEMSELVES.includes(name.replaceAll('\\', '/')))
    .filter((name) => {
      const text = readFileSync(join(SOURCES, name), 'utf8');
      return /pg_(try_)?advisory/.test(text) && !text.includes('ADVISORY_LOCKS.');
    });
  expect(others).toEqual([]);
});
