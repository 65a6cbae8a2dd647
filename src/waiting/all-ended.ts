/** All of them, also when one fails: what was begun in a step must not outlive it. @throws what the first of them failed with */
export async function allEnded<const T extends readonly unknown[]>(
  work: T,
): Promise<{ -readonly [Index in keyof T]: Awaited<T[Index]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
