import { createServer } from 'node:http';
import { answerCall, recordedHeaders, sendError, sendJson } from './model-server-calls.js';
import { maxOutputOf, modelBody, modelsPage } from './model-server-models.js';
import { PRICES } from './model-server-prices.js';
import { Records } from './model-server-record.js';
import { promptKey, promptText, readMessagesRequest, RefusedRequest, systemText } from './model-server-request.js';
import { ruleFromJson, Script } from './model-server-script.js';
import { PrefixCache } from './model-server-usage.js';
/** Named gates that calls wait at until they are released. */
class Holds {
    gates = new Map();
    wait(name) {
        return this.gate(name).opened;
    }
    release(name) {
        this.gate(name).open();
    }
    clear() {
        for (const gate of this.gates.values())
            gate.open();
        this.gates.clear();
    }
    gate(name) {
        let gate = this.gates.get(name);
        if (!gate) {
            let open = () => undefined;
            const opened = new Promise((resolve) => (open = resolve));
            gate = { opened, open };
            this.gates.set(name, gate);
        }
        return gate;
    }
}
const readBody = async (message) => {
    const parts = [];
    for await (const part of message)
        parts.push(part);
    return Buffer.concat(parts).toString();
};
const parsed = (text) => {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
};
class Handler {
    holds = new Holds();
    cache;
    records = new Records();
    rules = new Script();
    context;
    constructor(options) {
        this.cache = new PrefixCache(options.cacheMinimumTokens ?? 1024);
        this.context = {
            records: this.records,
            script: this.rules,
            cache: this.cache,
            prices: { ...PRICES, ...options.prices },
            held: (name) => this.holds.wait(name),
        };
        this.rules.add(options.rules ?? []);
    }
    script(...rules) {
        this.rules.add(rules);
    }
    release(hold) {
        this.holds.release(hold);
    }
    reset() {
        this.rules.clear();
        this.holds.clear();
        this.records.clear();
        this.cache.clear();
    }
    async handle(message, response) {
        const path = new URL(message.url ?? '/', 'http://localhost').pathname;
        const text = await readBody(message);
        if (path.startsWith('/__control/'))
            this.control(message.method ?? '', path.slice(11), parsed(text), response);
        else
            await this.api(message, path, text, response);
    }
    control(method, name, body, response) {
        const { requests, charges } = this.records;
        if (method === 'GET') {
            const answers = { requests, charges, summary: this.records.summary() };
            sendJson(response, name in answers ? 200 : 404, answers[name] ?? {});
            return;
        }
        if (name === 'script')
            this.rules.add((Array.isArray(body) ? body : [body]).map(ruleFromJson));
        else if (name.startsWith('release/'))
            this.release(decodeURIComponent(name.slice(8)));
        else if (name === 'reset')
            this.reset();
        response.writeHead(204).end();
    }
    async api(message, path, text, response) {
        const body = parsed(text);
        const recorded = this.records.add({
            method: message.method ?? '',
            path,
            headers: recordedHeaders(message),
            body,
            promptKey: '',
            prompt: '',
            system: '',
            model: '',
            stream: false,
        });
        response.once('close', () => this.records.end(recorded, 'client_gone'));
        try {
            await this.route(message, recorded, response);
        }
        catch (error) {
            if (!(error instanceof RefusedRequest))
                throw error;
            sendError(this.context, recorded, response, 400, { errorMessage: error.message });
        }
    }
    async route(message, recorded, response) {
        const { method, path } = recorded;
        if (!('authorization' in message.headers) && !('x-api-key' in message.headers)) {
            sendError(this.context, recorded, response, 401, { errorMessage: 'invalid x-api-key' });
        }
        else if (message.headers['anthropic-version'] === undefined) {
            throw new RefusedRequest('anthropic-version: header is required');
        }
        else if (method === 'GET' && path === '/v1/models') {
            this.send(recorded, response, modelsPage());
        }
        else if (method === 'GET' && path.startsWith('/v1/models/')) {
            const model = modelBody(decodeURIComponent(path.slice(11)));
            if (model)
                this.send(recorded, response, model);
            else
                sendError(this.context, recorded, response, 404, { errorMessage: 'model not found' });
        }
        else if (method === 'POST' && path === '/v1/messages/count_tokens') {
            const request = readMessagesRequest(recorded.body, false);
            this.send(recorded, response, { input_tokens: this.cache.inputTokens(request) });
        }
        else if (method === 'POST' && path === '/v1/messages') {
            await this.message(recorded, response);
        }
        else {
            sendError(this.context, recorded, response, 404, { errorMessage: 'Not Found' });
        }
    }
    async message(recorded, response) {
        const request = readMessagesRequest(recorded.body, true);
        Object.assign(recorded, {
            promptKey: promptKey(request),
            prompt: promptText(request),
            system: systemText(request),
            model: request.model,
            stream: request.stream,
        });
        if (maxOutputOf(request.model) === undefined && !(request.model in this.context.prices)) {
            sendError(this.context, recorded, response, 404, { errorMessage: `model: ${request.model}` });
            return;
        }
        await answerCall(this.context, request, recorded, response);
    }
    send(recorded, response, body) {
        this.records.end(recorded, 'finished', 200);
        sendJson(response, 200, body);
    }
}
export const startModelServer = async (options = {}) => {
    const handler = new Handler(options);
    const server = createServer((message, response) => {
        handler.handle(message, response).catch((error) => {
            if (!response.headersSent)
                sendJson(response, 500, { type: 'error', error: { type: 'api_error', message: String(error) } });
            else
                response.destroy();
        });
    });
    server.keepAliveTimeout = 60_000;
    await new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    const { records } = handler;
    return {
        url: `http://127.0.0.1:${server.address().port}`,
        requests: records.requests,
        charges: records.charges,
        totalChargedUsd: () => records.totalChargedUsd(),
        byPrompt: () => records.byPrompt(),
        script: (...rules) => handler.script(...rules),
        release: (hold) => handler.release(hold),
        waitFor: (holds, timeoutMs = 10_000) => records.waitFor(typeof holds === 'number' ? () => records.requests.length >= holds : holds, timeoutMs),
        reset: () => handler.reset(),
        close: () => new Promise((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
        }),
    };
};
//# sourceMappingURL=model-server.js.map