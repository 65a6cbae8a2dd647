/** What ended the demo, in words for whoever started it. */
export class DemoError extends Error {}
