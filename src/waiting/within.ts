/**
 * What the work answers, unless that takes longer than `limitMs`. What takes longer is not stopped, but nobody hears of it any more.
 * @throws what `late` makes once the time has passed; what the work throws
 */
export async function within<T>(limitMs: number, work: () => Promise<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), limitMs);
  });
  try {
    return await Promise.race([work(), over]);
  } finally {
    clearTimeout(timer);
  }
}
