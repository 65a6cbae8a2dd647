/** A change of the settings that is not possible; nothing was written. The message is meant for the caller. */
export class SettingError extends Error {
  constructor(
    readonly reason: 'unknown_key' | 'invalid_value',
    message: string,
  ) {
    super(message);
    this.name = 'SettingError';
  }
}
