import { readdir, readFile } from 'node:fs/promises';

/** Linux counts processor time in these, whatever its clock does. */
const TICKS_PER_SECOND = 100;

/** Fields of a `stat` file from the third on; the second, a name in brackets, may hold anything. */
const fieldsOf = (stat) => stat.slice(stat.lastIndexOf(')') + 2).split(' ');
const seconds = (...ticks) => ticks.reduce((sum, each) => sum + Number(each), 0) / TICKS_PER_SECOND;

async function read(path) {
  const [, parent, ...rest] = fieldsOf(await readFile(path, 'utf8'));
  const [user, system, ofEndedUser, ofEndedSystem] = rest.slice(9);
  return { parent: Number(parent), own: seconds(user, system), ofEnded: seconds(ofEndedUser, ofEndedSystem) };
}

/** Seconds in which the cores of the machine, together, had nothing to do. */
export async function idleTime() {
  const [, , , , idle, waitingForDisk] = (await readFile('/proc/stat', 'utf8')).split('\n')[0].split(/ +/);
  return seconds(idle, waitingForDisk);
}

/** Seconds of CPU that a process has used, in all its threads and in its first one. */
export async function processorTime(pid) {
  const [all, thread] = await Promise.all([read(`/proc/${pid}/stat`), read(`/proc/${pid}/task/${pid}/stat`)]);
  return { all: all.own, mainThread: thread.own };
}

/** Seconds of CPU that a process and its children have used, ended ones too. */
export async function processorTimeWithChildren(pid) {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const others = await Promise.all(pids.map((each) => read(`/proc/${each}/stat`).catch(() => undefined)));
  const children = others.filter((each) => each?.parent === pid);
  const { own, ofEnded } = await read(`/proc/${pid}/stat`);
  return own + ofEnded + children.reduce((sum, child) => sum + child.own, 0);
}
