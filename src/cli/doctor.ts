import { Logger } from '@nestjs/common';
import type { AppConfig } from '../config/app-config.js';
import { loadConfig } from '../config/load-config.js';
import { StartError } from '../config/start-error.js';
import { catalogOf } from '../llm/model-catalog.js';
import { checkAddress } from '../start/doctor/address-check.js';
import { checkDatabase } from '../start/doctor/database-check.js';
import { good, note, wrong, type Finding } from '../start/doctor/finding.js';
import { checkFolders, checkModel, checkSandbox, checkSecrets } from '../start/doctor/machine-checks.js';

const MARKS = { good: 'ok   ', note: 'note ', wrong: 'WRONG' } as const;

function show({ what, state, says }: Finding): boolean {
  console.log(`${MARKS[state]} ${what.padEnd(13)} ${says}`);
  return state !== 'wrong';
}

function readConfiguration(): AppConfig | Finding {
  try {
    const config = loadConfig();
    catalogOf(config);
    return config;
  } catch (error) {
    if (error instanceof StartError) return wrong('configuration', error.message);
    throw error;
  }
}

async function examine(): Promise<boolean> {
  const config = readConfiguration();
  if ('state' in config) return show(config);
  show(good('configuration', `Every variable can be used (${config.environment}).`));
  for (const warning of config.warnings) show(note('configuration', warning));
  const findings = [
    ...(await checkFolders(config)),
    await checkSecrets(config),
    await checkAddress(config),
    ...(await checkDatabase(config)),
    await checkSandbox(config),
    await checkModel(config),
  ];
  const isWell = findings.map(show).every(Boolean);
  console.log(isWell ? '\nNYX can work here.' : '\nNYX cannot work as it should: see what is WRONG.');
  return isWell;
}

Logger.overrideLogger(false);
process.exitCode = (await examine()) ? 0 : 1;
