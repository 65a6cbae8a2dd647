/**
 * Does work batch by batch, so that none of it holds anything for long. Begins none after `endsAt`, a time of `performance.now()`.
 * @param batch answers whether it found less than it may take at once
 * @returns whether none is left
 */
export async function inBatches(endsAt: number, batch: () => Promise<boolean>): Promise<boolean> {
  while (performance.now() < endsAt) if (await batch()) return true;
  return false;
}
