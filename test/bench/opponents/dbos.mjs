import { DBOS } from '@dbos-inc/dbos-sdk';
import process from 'node:process';
import pg from 'pg';
import { inParallel } from '../workloads.mjs';
import { serve } from './child.mjs';

const run = DBOS.registerWorkflow(
  async (question, steps) => {
    let text = question;
    for (let step = 0; step < steps; step++) text = await DBOS.runStep(async () => `answer ${step}`, { name: 'step' });
    return text;
  },
  { name: 'run' },
);

const pool = new pg.Pool({ connectionString: process.argv[2], max: 20 });
DBOS.setConfig({
  name: 'bench',
  systemDatabaseUrl: process.argv[2],
  systemDatabasePool: pool,
  runAdminServer: false,
  logLevel: 'error',
});
await DBOS.launch();

serve(({ runs, concurrency, steps }) => inParallel(runs, concurrency, (number) => run(`question ${number}`, steps)));
