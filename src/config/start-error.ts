/** NYX cannot start, or a command cannot run: the message is one sentence for whoever started it, shown without a stack. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
  }
}
