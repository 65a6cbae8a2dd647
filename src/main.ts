import { setFlagsFromString } from 'node:v8';
import { Logger } from '@nestjs/common';
import { stackOf } from './config/error-code.js';
import { loadConfig } from './config/load-config.js';
import { StartError } from './config/start-error.js';
import { createLogger, NestLogger } from './http/logging.js';
import { NyxServer, STOP_TIMEOUT_MS } from './start/nyx-server.js';
import { OFFLINE_LINE, welcome } from './start/welcome.js';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
/** Ctrl-C below npm arrives twice: from the terminal and from npm. */
const ONE_PRESS_MS = 1_000;

/**
 * How much the old heap may grow before V8 collects it, in percent of what lives in it. On a large machine it would be up to 300, and what a
 * workflow leaves lies there until then.
 */
const HEAP_GROWTH_PERCENT = 30;

const logger = new Logger('NYX');
/** By a signal. */
const stopped = new AbortController();

const print = (text: string): boolean => process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  process.on('unhandledRejection', (reason) => fail('Nobody handled a rejection', reason));
  process.on('uncaughtException', (error) => fail('Nobody handled an error', error));
  const config = loadConfig();
  Logger.overrideLogger(new NestLogger(createLogger(config.logLevel)));
  for (const warning of config.warnings) logger.warn(warning);
  if (config.llm.apiKey === undefined) logger.warn(OFFLINE_LINE);

  const starting = NyxServer.start(config, {
    signal: stopped.signal,
    onDatabaseLost: (error) => {
      logger.fatal(error.message);
      void stop(1);
    },
  });
  const stop = stopOnSignals(starting);
  if (process.argv[2] === '--with-parent') stopWithParent(stop);
  const nyx = await starting;
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
  if (nyx.firstAdmin) print(welcome(nyx.url, nyx.firstAdmin));
  print(`NYX listening on ${nyx.url}`);
}

/** A signal stops in order, also while NYX is still starting; another one ends at once. */
function stopOnSignals(starting: Promise<NyxServer>): (exitCode: number) => Promise<void> {
  let stoppingSince: number | undefined;
  const stop = async (exitCode: number): Promise<void> => {
    stoppingSince ??= performance.now();
    setTimeout(() => {
      logger.fatal('NYX did not stop in time.');
      process.exit(1);
    }, STOP_TIMEOUT_MS).unref();
    const nyx = await starting.catch(() => undefined);
    if (!nyx) return;
    await nyx.stop();
    process.exit(exitCode);
  };
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (stoppingSince === undefined) {
        logger.log(
          `${signal}: NYX stops; running steps have 20 seconds, and unfinished workflows carry on at the next start.`,
        );
        stopped.abort();
        void stop(0);
      } else if (performance.now() - stoppingSince > ONE_PRESS_MS) {
        process.exit(130);
      }
    });
  }
  return stop;
}

/** For a program that starts NYX for itself, with a channel to it: when that is gone, however it ended, NYX stops in order. */
function stopWithParent(stop: (exitCode: number) => Promise<void>): void {
  const end = (): void => {
    // Nobody reads any more.
    for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
    void stop(0);
  };
  if (process.connected) process.once('disconnect', end);
  else end();
}

/** What stops a start is one sentence; anything else is a mistake of ours and is shown whole. */
function fail(what: string, error: unknown): never {
  if (error instanceof StartError) process.stderr.write(`${error.message}\n`);
  else logger.fatal(`${what}: ${stackOf(error)}`);
  process.exit(1);
}

main().catch((error: unknown) => {
  // Nothing was begun that would have to be ended.
  if (error === stopped.signal.reason && stopped.signal.aborted) process.exit(0);
  fail('NYX could not start', error);
});
