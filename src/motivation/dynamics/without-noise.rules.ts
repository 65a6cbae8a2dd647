/** A number as people read it: without what binary fractions add to it. */
export const withoutNoise = (value: number): number => Number(value.toFixed(12));
