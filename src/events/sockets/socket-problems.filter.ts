import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { acknowledge, refuse } from './acknowledgement.js';

/** Errors of what a client emitted, as its acknowledgement; nobody hears of it who asked for none. */
@Catch()
export class SocketProblems implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    acknowledge(host.getArgs(), refuse(error));
  }
}
