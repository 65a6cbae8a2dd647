import { fork } from 'node:child_process';
import process from 'node:process';

/** In the parent: an opponent in a process of its own. `ask` sends it one piece of work and resolves with what it measured. */
export async function startOpponent(name, ...args) {
  const child = fork(new URL(`${name}.mjs`, import.meta.url), args, { silent: true });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const answer = () =>
    new Promise((resolve, reject) => {
      const onExit = (code) => reject(new Error(`The opponent ${name} ended with ${code}:\n${output.slice(-2000)}`));
      child.once('exit', onExit);
      child.once('message', (message) => {
        child.off('exit', onExit);
        if (message.error === undefined) resolve(message);
        else reject(new Error(`The opponent ${name} failed: ${message.error}`));
      });
    });
  const ready = await answer();
  return {
    ready,
    ask: (work) => {
      const answered = answer();
      child.send(work);
      return answered;
    },
    stop: () =>
      new Promise((resolve) => {
        process.off('exit', kill);
        child.once('exit', resolve);
        kill();
      }),
  };
}

/** In the child: says it is ready, then answers each piece of work. */
export function serve(work, ready = {}) {
  process.on('message', (message) => {
    Promise.resolve(work(message)).then(
      (result) => process.send(result ?? {}),
      (error) => process.send({ error: String(error?.stack ?? error) }),
    );
  });
  process.send(ready);
}
