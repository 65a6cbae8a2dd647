import autocannon from 'autocannon';
import { startOpponent } from '../opponents/child.mjs';
import { median, rounded } from '../statistics.mjs';
import { planned } from '../workloads.mjs';

async function load(url, headers, seconds) {
  const result = await autocannon({ url, headers, connections: 50, duration: seconds });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`GET ${url} under load: ${result.non2xx} answers were not 2xx, ${result.errors} errors.`);
  }
  return { rate: result.requests.average, p99: result.latency.p99 };
}

async function compare({ nyx, rounds, quick }, express, path) {
  await express.ask({ body: (await nyx.client.get(path)).text });
  const seconds = quick ? 1 : 5;
  const url = new URL(path, nyx.client.baseUrl).href;
  if (!quick) await load(url, nyx.client.headers, 1);
  if (!quick) await load(express.ready.url, {}, 1);
  const ours = [];
  const theirs = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await load(url, nyx.client.headers, seconds));
    theirs.push(await load(express.ready.url, {}, seconds));
  }
  const ratio = median(ours.map(({ rate }, round) => rate / theirs[round].rate));
  const slower = median(ours.map(({ p99 }, round) => p99 / Math.max(1, theirs[round].p99)));
  const of = (runs, key) => median(runs.map((run) => run[key]));
  return {
    figure: `GET ${path.replace(/[0-9a-f-]{36}/, '{id}')} against bare Express`,
    value:
      `${rounded(of(ours, 'rate'), 0)}/s : ${rounded(of(theirs, 'rate'), 0)}/s = ${rounded(ratio)} x, ` +
      `p99 ${of(ours, 'p99')} ms : ${of(theirs, 'p99')} ms = ${rounded(slower, 1)} x`,
    mark: '>= 0.25 x, p99 <= 4 x',
    meets: ratio >= 0.25 && slower <= 4,
    details: { rounds, secondsPerRound: seconds, nyx: ours, express: theirs },
  };
}

/** 50 connections from this process, NYX signed in, Express open and answering the same bytes. */
export default async function reads(context) {
  const express = await startOpponent('express');
  try {
    const { workflow_id: id } = await context.nyx.client.run(planned());
    const rows = [];
    for (const path of [
      `/api/v1/orchestrator/workflows/${id}/status`,
      '/api/v1/motivational/states',
      '/api/v1/system/stats',
    ]) {
      rows.push(await compare(context, express, path));
    }
    return rows;
  } finally {
    await express.stop();
  }
}
