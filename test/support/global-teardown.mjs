export default async function globalTeardown() {
  const { closeTestCluster } = await import('./test-cluster.ts');
  await closeTestCluster();
}
