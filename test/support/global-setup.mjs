import { register } from 'node:module';

export default async function globalSetup() {
  register('./typescript-loader.mjs', import.meta.url);
  const { openTestCluster } = await import('./test-cluster.ts');
  await openTestCluster();
}
