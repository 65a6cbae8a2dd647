import { cleanUpProcesses } from '../support/process.js';
import { surviveKilledRecursion, undisturbedRecursion, type Undisturbed } from './recursive-crash.js';

const SEEDS = Array.from({ length: 10 }, (_, index) => 100 + index);

describe('a workflow with sub-orchestrators', () => {
  let undisturbed: Undisturbed;

  beforeAll(async () => {
    undisturbed = await undisturbedRecursion();
  }, 120_000);
  afterAll(cleanUpProcesses);

  it.each(SEEDS)(
    'survives kill -9 at a random point: seed %i',
    (seed) => surviveKilledRecursion(seed, undisturbed),
    120_000,
  );
});
