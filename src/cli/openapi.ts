import 'reflect-metadata';
import { readFile, writeFile } from 'node:fs/promises';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import { AppConfig } from '../config/app-config.js';
import { createDocument } from '../http/docs/openapi-document.js';

const FILE = 'openapi.json';

/** Reads the routes without starting anything: in preview mode Nest makes no providers, so no database is needed. */
async function describeApi(): Promise<string> {
  const app = await NestFactory.create(AppModule.forRoot(new AppConfig()), {
    preview: true,
    logger: ['error'],
    abortOnError: false,
  });
  return `${JSON.stringify(createDocument(app), null, 2)}\n`;
}

const described = await describeApi();
if (!process.argv.includes('--check')) {
  await writeFile(FILE, described);
} else if (described !== (await readFile(FILE, 'utf8').catch(() => ''))) {
  console.error(`${FILE} is not what the code describes; run \`npm run openapi\` and commit it.`);
  process.exitCode = 1;
}
