import { setTimeout as sleep } from 'node:timers/promises';
import { EventFeed } from '../../src/events/event-feed.js';
import { EventLog, type Position } from '../../src/events/event-log.js';
import { PAGE, WorkflowTails } from '../../src/events/workflow-tails.js';
import type { WakefulLoop } from '../../src/waiting/wakeful-loop.js';
import { WorkflowWriter } from '../live/workflow-writer.js';
import { startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';

const { jest } = import.meta;

/** More than are read at once: what the first one begins is read by itself. */
const FOLLOWED = 51;

let nyx: TestApp;
let log: EventLog;
let writer: WorkflowWriter;
let followed: string[];
beforeAll(async () => {
  nyx = await startApp();
  log = nyx.app.get(EventLog);
  writer = new WorkflowWriter(nyx.app);
  followed = [];
  for (let at = 0; at < FOLLOWED; at += 1) followed.push(await writer.begin(PAGE));
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => nyx.close());

type Question = (positions: readonly Position[], limit: number) => Promise<unknown[]>;

/** Holds back the answer of the log to the first question about as many workflows. */
function hold(name: 'readEach' | 'grown'): { isAsked: () => boolean; answer: (error?: Error) => void } {
  const ask = log[name].bind(log) as Question;
  let isAsked = false;
  let answer: (error?: Error) => void = () => undefined;
  const said = new Promise<Error | undefined>((resolve) => (answer = resolve));
  const held: Question = async (positions, limit) => {
    const found = await ask(positions, limit);
    if (isAsked || positions.length < FOLLOWED - 1) return found;
    isAsked = true;
    const error = await said;
    if (error !== undefined) throw error;
    return found;
  };
  jest.spyOn(log, name).mockImplementation(held as never);
  return { isAsked: () => isAsked, answer };
}

/** Begun and followed when the clock stood a minute back, so that the next turn asks what has grown. */
function followAll(): { tails: WorkflowTails; leave: () => void } {
  const clock = jest.spyOn(performance, 'now').mockReturnValue(performance.now() - 60_000);
  const tails = new WorkflowTails(log, nyx.app.get(EventFeed));
  const stops = followed.map((id) => tails.follow(id, 0, () => undefined));
  clock.mockRestore();
  return { tails, leave: () => stops.forEach((stop) => stop?.()) };
}

describe('when all leave while', () => {
  it.each([
    ['a reading is under way that fails', 'readEach', new Error('The connection is lost.')],
    ['full pages of events are read', 'readEach', undefined],
    ['it is asked which have grown', 'grown', undefined],
  ] as const)(
    '%s, no turn follows that has nothing to do, and who comes then hears what happens',
    async (_, question, error) => {
      const held = hold(question);
      const { tails, leave } = followAll();
      const turns = jest.spyOn((tails as unknown as { loop: WakefulLoop }).loop, 'wake');
      await until('the log to be asked', held.isAsked);
      leave();
      turns.mockClear();
      held.answer(error);
      // After a failure it is tried once more.
      if (error !== undefined) await until('the next turn', () => turns.mock.calls.length > 0);
      await sleep(50);
      expect(turns).toHaveBeenCalledTimes(error === undefined ? 0 : 1);

      const id = await writer.begin(1);
      const heard: number[] = [];
      tails.follow(id, 0, ({ seq }) => heard.push(seq));
      await writer.append(id, 2);
      await until('the new events', () => heard.length === 3);
      expect(heard).toEqual([1, 2, 3]);
      await tails.onModuleDestroy();
    },
  );
});
