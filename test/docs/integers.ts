interface Schema {
  readonly type?: string | readonly string[];
  readonly maximum?: number;
  readonly format?: string;
}

/** The formats that a document gives to its integers: to those that 32 bits may not hold, and to the others. */
export function formatsOfIntegers(document: object): Record<'large' | 'small', unknown[]> {
  const formats = { large: new Set(), small: new Set() };
  JSON.stringify(document, (name, part: unknown) => {
    if (name === 'example' || name === 'examples') return undefined;
    const { type, maximum = Infinity, format } = (part ?? {}) as Schema;
    if ([type].flat().includes('integer')) formats[maximum < 2 ** 31 ? 'small' : 'large'].add(format);
    return part;
  });
  return { large: [...formats.large], small: [...formats.small] };
}
