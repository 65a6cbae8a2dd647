import { readFileSync } from 'node:fs'; import { execSync } from 'node:child_process';
import { PostgresServer } from './postgres-server.mjs';
import { startNyx } from './nyx-process.mjs';
import { planned } from './workloads.mjs';
import autocannon from 'autocannon';
const server = await PostgresServer.start();
const url = await server.createDatabase('nyx');
if (process.argv[2]) process.execPath='/tmp/nodeprof';
const nyx = await startNyx({ databaseUrl: url });

const { workflow_id: id } = await nyx.client.run(planned());
const u = new URL(`/api/v1/orchestrator/workflows/${id}/status`, nyx.client.baseUrl).href;
await autocannon({ url: u, headers: nyx.client.headers, connections: 50, duration: 2 });
const pid=nyx.pid;
const cpu=()=>{const f=readFileSync(`/proc/${pid}/stat`,'utf8').split(' ');return [+f[13],+f[14]]};
const c0=cpu();
const r = await autocannon({ url: u, headers: nyx.client.headers, connections: 50, duration: 12 });
const c1=cpu(); console.log('cpu ms/request user', ((c1[0]-c0[0])*10/r.requests.total).toFixed(3), 'sys', ((c1[1]-c0[1])*10/r.requests.total).toFixed(3), r.requests.average, r.latency.p99, r.non2xx);
await nyx.stop(); await server.stop();
