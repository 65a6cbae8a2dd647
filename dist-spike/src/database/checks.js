/** The SQL of a CHECK that allows exactly these values in a column. */
export const oneOf = (column, values) => `"${column}" IN (${values.map((value) => `'${value}'`).join(', ')})`;
//# sourceMappingURL=checks.js.map