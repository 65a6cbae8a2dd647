import { spawnSync } from 'node:child_process';

/** As in `.ci/run`, which installs what the tests need. */
const isRequired = [process.env.CI, process.env.NYX_REQUIRE_SANDBOX].some((set) => /^(1|true)$/i.test(set ?? ''));

/**
 * Tests that need a program of the machine. Without it they are left out and a line says so, but where everything has to be tested they
 * run, and fail.
 */
export function describeWithProgram(program: string, name: string, tests: () => void): void {
  // That it starts: nginx does not know `--version`.
  if (isRequired || spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined) {
    describe(name, tests);
    return;
  }
  process.stderr.write(`Not tested, since there is no ${program} here: ${name}\n`);
  describe.skip(name, tests);
}
