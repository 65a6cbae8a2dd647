/**
 * Works on several items at once and gives the results in the order of the items.
 * When one fails or nobody asks any more, those under way are waited for.
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  try {
    for await (const item of items) {
      const result = work(item);
      // Whoever awaits it sees the failure; until then nobody shall say that it was not seen.
      result.catch(() => undefined);
      underWay.push(result);
      if (underWay.length < atOnce) continue;
      const first = underWay.shift();
      if (first) yield await first;
    }
    for (let first = underWay.shift(); first; first = underWay.shift()) yield await first;
  } finally {
    await Promise.allSettled(underWay);
  }
}
