import { NyxProblem } from '../../clients/typescript/src/index.js';
import { StartError } from '../config/start-error.js';
import { DemoError } from './demo/demo-error.js';
import { NyxChild } from './demo/nyx-child.js';
import { Screen } from './demo/screen.js';
import { Story } from './demo/story.js';

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
/** As of a program that SIGPIPE ended. */
const BROKEN_PIPE = 141;

/** Shows NYX doing its work, and leaves nothing behind; killed by SIGKILL, only the temporary folder. Returns the exit code. */
async function demonstrate(task: string | undefined): Promise<number> {
  const screen = new Screen();
  const interruption = new AbortController();
  let interrupted = 0;
  const interrupt = (exitCode: number): void => {
    interrupted ||= exitCode;
    interruption.abort();
  };
  for (const [signal, exitCode] of Object.entries(SIGNALS)) process.on(signal, () => interrupt(exitCode));
  // Nobody reads any more, as behind `| head`: NYX has to stop in order all the same.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') console.error(`The demo could not write: ${error.message}`);
    interrupt(error.code === 'EPIPE' ? BROKEN_PIPE : 1);
  });
  const nyx = await NyxChild.spawn();
  try {
    await new Story(nyx, screen, interruption.signal).tell(task);
    return 0;
  } catch (thrown) {
    if (interrupted > 0) return interrupted;
    const error = await nyx.causeOf(thrown);
    if (!(error instanceof DemoError || error instanceof NyxProblem)) throw error;
    screen.line();
    console.error(error.message);
    return 1;
  } finally {
    screen.line(interrupted > 0 ? 'Interrupted: NYX stops …' : 'NYX stops …');
    await nyx.stop();
    screen.paragraph('Stopped; the temporary folder is gone. `npm start` starts a NYX that stays.');
  }
}

const task = process.argv.slice(2).join(' ').trim();
process.exitCode = await demonstrate(task === '' ? undefined : task).catch((error: unknown) => {
  if (!(error instanceof StartError)) throw error;
  console.error(error.message);
  return 1;
});
