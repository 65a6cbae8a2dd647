/**
 * One machine on which a load generator, NYX processes and PostgreSQL share the cores: a discrete-event simulation, because in product form
 * a job cannot hold a process and a core at once, and commits do not wait for each other's flush together.
 *
 * Each of `customers` sends one workflow after the other. It passes through the load generator (one thread), and then, for every commit,
 * the thread of its NYX (in turns), the processes of PostgreSQL (any number at once), and the flush of the log. The cores are shared equally by all
 * that is ready to run, none getting more than one. A flush takes all who wait when it begins. Times are drawn exponentially.
 */

/** A small generator with a seed (mulberry32), so that every run is the same: 0 <= x < 1. */
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Machine {
  nowMs = 0;
  begun = 0;
  ended = 0;
  busyMs = 0;
  /** What runs, with the service at which it is done. */
  #running = new Set();
  #served = 0;
  #waitingForFlush = [];
  #flushing = [];
  #flushedAtMs = Infinity;

  constructor({ cores, replicas, customers, demands, seed }) {
    Object.assign(this, { cores, demands, random: seeded(seed) });
    this.load = { queue: [] };
    this.threads = Array.from({ length: replicas }, () => ({ queue: [] }));
    for (let number = 0; number < customers; number++) this.#begin({});
  }

  /** On to the next thing that happens. */
  step() {
    const rate = Math.min(1, this.cores / this.#running.size);
    let next;
    for (const run of this.#running) if (next === undefined || run.doneAt < next.doneAt) next = run;
    const doneAtMs = next === undefined ? Infinity : this.nowMs + (next.doneAt - this.#served) / rate;
    const atMs = Math.min(doneAtMs, this.#flushedAtMs);
    const passedMs = atMs - this.nowMs;
    this.nowMs = atMs;
    this.busyMs += passedMs * rate * this.#running.size;
    this.#served += this.#running.size > 0 ? passedMs * rate : 0;
    if (doneAtMs <= this.#flushedAtMs) this.#done(next);
    else this.#flushed();
  }

  #drawn(meanMs) {
    return -meanMs * Math.log(1 - this.random());
  }

  #begin(job) {
    job.commitsLeft = this.demands.commits;
    job.thread = this.threads[this.begun++ % this.threads.length];
    this.#enqueue(this.load, job, this.demands.loadMs, () => this.#work(job));
  }

  #work(job) {
    const { commits, nyxThreadMs, nyxOtherMs, postgresMs } = this.demands;
    this.#enqueue(job.thread, job, nyxThreadMs / commits, () =>
      this.#run((nyxOtherMs + postgresMs) / commits, () => this.#commit(job)),
    );
  }

  #commit(job) {
    if (this.demands.flushMs === 0) return this.#committed(job);
    this.#waitingForFlush.push(job);
    if (this.#flushedAtMs === Infinity) this.#flush();
  }

  #flush() {
    this.#flushing = this.#waitingForFlush.splice(0);
    this.#flushedAtMs = this.#flushing.length === 0 ? Infinity : this.nowMs + this.#drawn(this.demands.flushMs);
  }

  #flushed() {
    const jobs = this.#flushing;
    this.#flush();
    for (const job of jobs) this.#committed(job);
  }

  #committed(job) {
    if (--job.commitsLeft > 0) return this.#work(job);
    this.ended += 1;
    this.#begin(job);
  }

  /** One after the other, in the order of arrival. */
  #enqueue(thread, job, meanMs, after) {
    thread.queue.push({ meanMs, after });
    if (thread.queue.length === 1) this.#next(thread);
  }

  #next(thread) {
    const [{ meanMs, after }] = thread.queue;
    this.#run(meanMs, () => {
      thread.queue.shift();
      if (thread.queue.length > 0) this.#next(thread);
      after();
    });
  }

  #run(meanMs, after) {
    this.#running.add({ doneAt: this.#served + this.#drawn(meanMs), after });
  }

  #done(run) {
    this.#running.delete(run);
    run.after();
  }
}

/**
 * Workflows a second once it has settled, and how many cores are busy on average.
 * `demands` of a workflow: CPU milliseconds of the load generator, of NYX' thread, of its other threads, of PostgreSQL; commits; and
 * the milliseconds of one flush.
 */
export function simulateMachine({ cores, replicas, customers, demands, workflows = 4_000, seed = 1 }) {
  const commits = Math.max(1, Math.round(demands.commits));
  const machine = new Machine({ cores, replicas, customers, seed, demands: { ...demands, commits } });
  const until = (ended) => {
    while (machine.ended < ended) machine.step();
  };
  until(Math.ceil(workflows / 4));
  const begun = { ms: machine.nowMs, ended: machine.ended, busyMs: machine.busyMs };
  until(begun.ended + workflows);
  const ms = machine.nowMs - begun.ms;
  return { perSecond: ((machine.ended - begun.ended) * 1000) / ms, busyCores: (machine.busyMs - begun.busyMs) / ms };
}
