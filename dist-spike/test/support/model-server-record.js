import { Decimal } from 'decimal.js';
export class Records {
    requests = [];
    charges = [];
    watchers = [];
    add(request) {
        const recorded = {
            ...request,
            index: this.requests.length,
            at: new Date().toISOString(),
            outcome: 'pending',
            status: undefined,
            endedAt: undefined,
        };
        this.requests.push(recorded);
        this.changed();
        return recorded;
    }
    end(request, outcome, status) {
        if (request.outcome !== 'pending')
            return;
        Object.assign(request, { outcome, status, endedAt: new Date().toISOString() });
        this.changed();
    }
    charge(request, messageId, usage, costUsd) {
        if (this.requests[request.index] !== request)
            return;
        const { index, promptKey, prompt, model } = request;
        this.charges.push({
            requestIndex: index,
            messageId,
            promptKey,
            prompt,
            model,
            usage,
            costUsd,
            at: new Date().toISOString(),
        });
    }
    totalChargedUsd() {
        return this.charges.reduce((sum, charge) => sum.plus(charge.costUsd), new Decimal(0));
    }
    /** Calls of the messages route per distinct prompt, in order of first arrival. */
    byPrompt() {
        const counts = new Map();
        for (const request of this.requests) {
            if (request.path !== '/v1/messages' || request.promptKey === '')
                continue;
            const { promptKey, prompt } = request;
            const count = counts.get(promptKey) ?? {
                promptKey,
                prompt,
                sent: 0,
                finished: 0,
                unfinished: 0,
                costUsd: new Decimal(0),
            };
            count.sent += 1;
            if (request.outcome === 'finished')
                count.finished += 1;
            else if (request.outcome !== 'refused')
                count.unfinished += 1;
            counts.set(promptKey, count);
        }
        for (const charge of this.charges) {
            const count = counts.get(charge.promptKey);
            if (count)
                count.costUsd = count.costUsd.plus(charge.costUsd);
        }
        return [...counts.values()];
    }
    clear() {
        this.requests.length = 0;
        this.charges.length = 0;
        this.changed();
    }
    /** Resolves when `holds` does, looked at after each change; rejects after `timeoutMs`. */
    waitFor(holds, timeoutMs) {
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => {
                this.watchers = this.watchers.filter((watcher) => watcher !== look);
                reject(new Error(`The model server waited ${timeoutMs} ms in vain; ${this.requests.length} requests arrived.`));
            }, timeoutMs);
            const look = () => {
                if (!holds())
                    return;
                clearTimeout(timer);
                this.watchers = this.watchers.filter((watcher) => watcher !== look);
                resolve();
            };
            this.watchers.push(look);
            look();
        });
    }
    summary() {
        return {
            requests: this.requests.length,
            charges: this.charges.length,
            total_charged_usd: this.totalChargedUsd().toFixed(),
            by_prompt: this.byPrompt(),
        };
    }
    changed() {
        for (const watcher of [...this.watchers])
            watcher();
    }
}
//# sourceMappingURL=model-server-record.js.map