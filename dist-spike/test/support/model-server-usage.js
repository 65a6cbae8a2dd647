import { createHash } from 'node:crypto';
/** A token is four bytes of UTF-8, rounded up: the same text always counts the same. */
export const tokensOf = (text) => Math.ceil(Buffer.byteLength(text) / 4);
const contentOf = (part) => {
    const content = { ...part };
    delete content.cache_control;
    return 'type' in content && content.type === 'text' ? String(content.text) : JSON.stringify(content);
};
/** Tools, then system, then turns: the order in which the API caches. */
const partsOf = (request) => {
    const parts = [...request.tools, ...request.system, ...request.messages.flatMap((message) => message.content)];
    let prefix = request.model;
    return parts.map((part, index) => {
        const content = contentOf(part);
        prefix = createHash('sha256').update(`${prefix}\n${content}`).digest('hex');
        const own = part.cache_control ?? (index === parts.length - 1 ? request.cacheControl : undefined);
        return { tokens: tokensOf(content), prefix, ttl: own ? (own.ttl ?? '5m') : undefined };
    });
};
/** Tokens per turn, and for the schema of a structured output, that belong to no block. */
const overheadOf = (request) => 4 * request.messages.length + (request.schema ? tokensOf(JSON.stringify(request.schema)) : 0);
const TTL_MS = { '5m': 300_000, '1h': 3_600_000 };
/** Remembers prefixes that ended in a breakpoint, as long as their time to live says; a read renews it. */
export class PrefixCache {
    minimumTokens;
    entries = new Map();
    constructor(minimumTokens) {
        this.minimumTokens = minimumTokens;
    }
    clear() {
        this.entries.clear();
    }
    inputTokens(request) {
        return partsOf(request).reduce((sum, part) => sum + part.tokens, overheadOf(request));
    }
    /** Counts a request that is being answered, and writes its breakpoints. */
    count(request, outputTokens, now) {
        const parts = partsOf(request);
        const usage = { inputTokens: 0, outputTokens, write5mTokens: 0, write1hTokens: 0, readTokens: 0 };
        const upTo = (end) => parts.slice(0, end).reduce((sum, part) => sum + part.tokens, 0);
        const read = this.longestHit(parts, now);
        usage.readTokens = upTo(read);
        let position = read;
        for (const [index, part] of parts.entries()) {
            const end = index + 1;
            if (!part.ttl || end <= read || upTo(end) < this.minimumTokens)
                continue;
            const written = upTo(end) - upTo(position);
            if (part.ttl === '1h')
                usage.write1hTokens += written;
            else
                usage.write5mTokens += written;
            this.entries.set(part.prefix, { expiresAt: now + TTL_MS[part.ttl], ttl: part.ttl });
            position = end;
        }
        usage.inputTokens = upTo(parts.length) - upTo(position) + overheadOf(request);
        return usage;
    }
    /** Number of leading parts that are in the cache: looked for at each breakpoint and up to 20 parts before it. */
    longestHit(parts, now) {
        for (let end = parts.length; end > 0; end -= 1) {
            const part = parts[end - 1];
            const entry = part && this.entries.get(part.prefix);
            const looked = parts.slice(end - 1, end + 20).some(({ ttl }) => ttl !== undefined);
            if (!entry || !looked || entry.expiresAt <= now)
                continue;
            entry.expiresAt = now + TTL_MS[entry.ttl];
            return end;
        }
        return 0;
    }
}
//# sourceMappingURL=model-server-usage.js.map