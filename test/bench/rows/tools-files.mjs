import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOpponent } from '../opponents/child.mjs';
import { median, rounded } from '../statistics.mjs';

const PATTERN = 'value\\d+_7 = compute\\(7, "text 42"\\)';
const ENDINGS = ['ts', 'js', 'py', 'md'];
const SMALL = 10;

const contentOf = (number) =>
  Array.from(
    { length: 20 + ((number * 37) % 200) },
    (_, line) =>
      `export const value${number}_${line} = compute(${line}, "text ${(number * line) % 997}"); // line ${line}\n`,
  ).join('');

/** Files of 1 to 16 KB in 500 folders, and rules that leave none of them out. */
async function makeTree(files) {
  const folder = await mkdtemp(join(tmpdir(), 'nyx-bench-files-'));
  await writeFile(join(folder, '.gitignore'), 'node_modules/\ndist\n*.log\n');
  for (let number = 0; number < files; number++) {
    const place = join(folder, `package${number % 50}`, 'src', `module${Math.floor(number / 50) % 10}`);
    await mkdir(place, { recursive: true });
    await writeFile(join(place, `file${number}.${ENDINGS[number % ENDINGS.length]}`), contentOf(number));
  }
  return folder;
}

async function compare(operation, nyx, bare, rounds, files) {
  const ours = [];
  const theirs = [];
  for (let round = 0; round < rounds; round++) {
    ours.push((await nyx.ask({ operation })).ms);
    theirs.push((await bare.ask({ operation })).ms);
  }
  const ratio = median(ours.map((value, round) => value / theirs[round]));
  return {
    figure: `${operation === 'find' ? 'find_pattern' : 'analyze_codebase'} over ${files} files against a bare walk`,
    value: `${rounded(median(ours), 0)} ms : ${rounded(median(theirs), 0)} ms = ${rounded(ratio)} x`,
    mark: '<= 2 x',
    meets: ratio <= 2,
    details: { rounds, files, nyxMs: ours, bareMs: theirs },
  };
}

/** The highest RSS of a process of its own that did each operation `times` times. */
async function peakMiB(folder, times) {
  const nyx = await startOpponent('file-walks', 'nyx', folder, PATTERN);
  try {
    let peak = 0;
    for (let time = 0; time < times; time++) {
      for (const operation of ['analyze', 'find']) peak = (await nyx.ask({ operation })).peakMiB;
    }
    return peak;
  } finally {
    await nyx.stop();
  }
}

/** The tool as built, in a process of its own, against a script that reads the same files. */
export default async function toolsFiles({ quick, rounds }) {
  const files = quick ? 500 : 10_000;
  const folder = await makeTree(files);
  const smallFolder = await makeTree(files / SMALL);
  const nyx = await startOpponent('file-walks', 'nyx', folder, PATTERN);
  const bare = await startOpponent('file-walks', 'bare', folder, PATTERN);
  try {
    const found = [(await nyx.ask({ operation: 'find' })).answer, (await bare.ask({ operation: 'find' })).answer];
    if (found[0] !== found[1] || found[0] === 0) throw new Error(`They found ${found.join(' and ')} lines.`);
    const rows = [await compare('analyze', nyx, bare, rounds, files), await compare('find', nyx, bare, rounds, files)];
    // As many files in all, so that both are equally warm.
    const small = await peakMiB(smallFolder, SMALL);
    const large = await peakMiB(folder, 1);
    const growth = (large / small - 1) * 100;
    rows.push({
      figure: `peak memory of both over ${files} files, against ${files / SMALL} files ${SMALL} times`,
      value: `${rounded(small, 0)} -> ${rounded(large, 0)} MiB = ${growth >= 0 ? '+' : ''}${rounded(growth, 1)} %`,
      mark: '<= + 15 %',
      meets: growth <= 15,
      details: { smallMiB: small, largeMiB: large },
    });
    return rows;
  } finally {
    await nyx.stop();
    await bare.stop();
    for (const made of [folder, smallFolder]) await rm(made, { recursive: true, force: true });
  }
}
