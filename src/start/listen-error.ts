import { StartError } from '../config/start-error.js';

/**
 * Why a server cannot listen, as one sentence where whoever started it can mend it.
 * @param names of the variables that both are from
 */
export function listenError(
  error: unknown,
  names: { readonly host: string; readonly port: string },
  host: string,
  port: number,
): unknown {
  const variable = names.port;
  const where = `${host}:${port}`;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new StartError(
        `${variable}: another program already listens on ${where}: stop it, or set ${variable} to a free port.`,
        { cause: error },
      );
    case 'EACCES':
      return new StartError(`${variable}: this account may not listen on ${where}: set ${variable} to 1024 or more.`, {
        cause: error,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new StartError(`${names.host}: ${host} is not an address of this machine.`, { cause: error });
    default:
      return error;
  }
}
