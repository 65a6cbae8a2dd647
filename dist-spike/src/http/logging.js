import { pino, stdTimeFunctions } from 'pino';
import { redact, redactText } from './log-redaction.rules.js';
import { currentRequestId } from './request-context.js';
/** Probes of orchestrators and monitors: only their failures are worth a line. */
const PROBES = new Set(['/livez', '/readyz', '/health']);
/** One JSON object a line, with the id of the request it belongs to and without secrets. */
export function createLogger(level, destination) {
    const options = {
        level,
        base: undefined,
        timestamp: stdTimeFunctions.isoTime,
        messageKey: 'message',
        mixin: () => ({ request_id: currentRequestId() }),
        formatters: {
            level: (label) => ({ level: label }),
            log: (fields) => redact(fields),
        },
    };
    return destination ? pino(options, destination) : pino(options);
}
/** A line per answered request: method, path without query, status, time. Headers and bodies are never logged. */
export const requestLogger = (logger) => (request, response, next) => {
    const startedAtMs = performance.now();
    const path = pathOf(request);
    response.once('close', () => {
        const status = response.statusCode;
        const isComplete = response.writableFinished;
        logger[levelOf(path, status)]({
            context: 'HTTP',
            method: request.method,
            path,
            status: isComplete ? status : undefined,
            duration_ms: Math.round(performance.now() - startedAtMs),
            remote_address: request.socket.remoteAddress,
        }, isComplete ? `${request.method} ${path} ${status}` : `${request.method} ${path} left by the caller`);
    });
    next();
};
const levelOf = (path, status) => {
    if (status >= 500)
        return 'error';
    return PROBES.has(path) ? 'debug' : 'info';
};
const pathOf = (request) => request.originalUrl.split('?', 1)[0] ?? '';
/** What Nest tells of its own start is for debugging. */
const FRAMEWORK = new Set([
    'InstanceLoader',
    'NestApplication',
    'NestFactory',
    'RouterExplorer',
    'RoutesResolver',
    'WebSocketsController',
]);
/** Writes what `new Logger(name)` of Nest logs through pino. */
export class NestLogger {
    logger;
    constructor(logger) {
        this.logger = logger;
    }
    log(message, ...rest) {
        this.write(FRAMEWORK.has(rest.at(-1)) ? 'debug' : 'info', message, rest);
    }
    warn(message, ...rest) {
        this.write('warn', message, rest);
    }
    error(message, ...rest) {
        this.write('error', message, rest);
    }
    debug(message, ...rest) {
        this.write('debug', message, rest);
    }
    verbose(message, ...rest) {
        this.write('trace', message, rest);
    }
    fatal(message, ...rest) {
        this.write('fatal', message, rest);
    }
    /** Nest appends the logger's name to the arguments; a stack may stand before it. */
    write(level, message, rest) {
        const context = rest.at(-1);
        const details = rest.slice(0, -1).filter((detail) => detail !== undefined);
        const fields = { context, ...(details.length > 0 && { details }) };
        if (message instanceof Error) {
            this.logger[level]({ ...fields, error: describe(message) }, redactText(message.message));
        }
        else if (typeof message === 'object' && message !== null) {
            this.logger[level]({ ...fields, ...message });
        }
        else {
            this.logger[level](fields, redactText(String(message)));
        }
    }
}
function describe(error, depth = 0) {
    return {
        name: error.name,
        message: error.message,
        stack: error.stack,
        ...(error.cause instanceof Error && depth < 3 && { cause: describe(error.cause, depth + 1) }),
    };
}
//# sourceMappingURL=logging.js.map