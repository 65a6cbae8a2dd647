/** How a tool's output is described, where it is answered and where it is on record. */
export const OUTPUT_PROPERTY = {
  nullable: true,
  example: { content: 'Buy milk.' },
  oneOf: [
    { type: 'object', additionalProperties: true },
    { type: 'array', items: {} },
    { type: 'string' },
    { type: 'number' },
    { type: 'boolean' },
  ],
};

/** Of its stdout and stderr. */
export const OUTPUT_TEXT_PROPERTY = { type: String, nullable: true, example: null, description: 'At most 1 MiB.' };
