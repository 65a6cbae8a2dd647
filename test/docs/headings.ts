/** A page without its blocks of code, in which `#` and `](` mean something else. */
export const withoutBlocks = (text: string): string => text.replaceAll(/^```[^]*?^```$/gm, '');

/** What GitHub makes of a heading: of equal ones the second gets a 1. */
export function anchorsOf(text: string): string[] {
  const times = new Map<string, number>();
  return [...withoutBlocks(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-');
    const before = times.get(slug) ?? 0;
    times.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  });
}
