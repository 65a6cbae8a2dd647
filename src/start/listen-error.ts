import { isOfSystem } from '../config/error-code.js';
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
  const sentence = isOfSystem(error) ? sentenceOf(error, names, host, `${host}:${port}`) : undefined;
  return sentence === undefined ? error : new StartError(sentence, { cause: error });
}

function sentenceOf(
  { code, message }: NodeJS.ErrnoException,
  names: { readonly host: string; readonly port: string },
  host: string,
  where: string,
): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return `${names.port}: another program already listens on ${where}: stop it, or set ${names.port} to a free port.`;
    case 'EACCES':
      return `${names.port}: this account may not listen on ${where}: set ${names.port} to 1024 or more.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${names.host}: ${host} is not an address of this machine: set ${names.host} to one that is, such as 127.0.0.1.`;
    case 'EINVAL':
      return `${names.host}: nobody can listen on ${host} alone, as on an address that is only good with the name of an interface: set ${names.host} to another one, such as 127.0.0.1.`;
    case 'EAFNOSUPPORT':
      return `${names.host}: this machine has no addresses of the kind of ${host}: set ${names.host} to one of another, such as 127.0.0.1.`;
    default:
      return code === undefined
        ? undefined
        : `${names.host}: NYX cannot listen on ${where} (${message}): mend that, or set ${names.host} to another address, such as 127.0.0.1.`;
  }
}
