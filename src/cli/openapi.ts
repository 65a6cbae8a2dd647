import 'reflect-metadata';
import { readFile, writeFile } from 'node:fs/promises';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import { createAsyncApi } from '../asyncapi/asyncapi-document.js';
import { AppConfig } from '../config/app-config.js';
import { createDocument } from '../http/docs/openapi-document.js';

/** Reads the routes and events without starting anything: in preview mode Nest makes no providers, so no database is needed. */
async function describeApi(): Promise<Record<string, object>> {
  const app = await NestFactory.create(AppModule.forRoot(new AppConfig()), {
    preview: true,
    logger: ['error'],
    abortOnError: false,
  });
  return { 'openapi.json': createDocument(app), 'asyncapi.json': createAsyncApi(app) };
}

for (const [file, description] of Object.entries(await describeApi())) {
  const described = `${JSON.stringify(description, null, 2)}\n`;
  if (!process.argv.includes('--check')) {
    await writeFile(file, described);
  } else if (described !== (await readFile(file, 'utf8').catch(() => ''))) {
    console.error(`${file} is not what the code describes; run \`npm run openapi\` and commit it.`);
    process.exitCode = 1;
  }
}
