const LARGEST_INT32 = 2 ** 31 - 1;
const VALUES = ['default', 'enum', 'example', 'examples'];

/** The same description, whose integers say where 32 bits do not hold them: generators take those that say nothing for such. */
export function withWideIntegers<Part>(part: Part): Part {
  if (Array.isArray(part)) return part.map(withWideIntegers) as Part;
  if (typeof part !== 'object' || part === null) return part;
  const { type, maximum = Infinity } = part as { readonly type?: unknown; readonly maximum?: number };
  const isWide = [type].flat().includes('integer') && maximum > LARGEST_INT32;
  const members = Object.entries(part).map(([name, member]: [string, unknown]) => [
    name,
    VALUES.includes(name) ? member : withWideIntegers(member),
  ]);
  return { ...(Object.fromEntries(members) as Part), ...(isWide && { format: 'int64' }) };
}
