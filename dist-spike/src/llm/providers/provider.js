/** An attempt that brought no answer. `message` is one sentence that may be shown. */
export class ProviderFailure extends Error {
    charge;
    status;
    errorType;
    errorCode;
    requestId;
    headers;
    constructor(message, charge, facts = {}) {
        super(message, { cause: facts.cause });
        this.charge = charge;
        this.name = 'ProviderFailure';
        this.status = facts.status;
        this.errorType = facts.errorType;
        this.errorCode = facts.errorCode;
        this.requestId = facts.requestId;
        this.headers = facts.headers ?? new Map();
    }
}
/** Where answers come from. One attempt a call: retries, budgets and rows are the gateway's. */
export class LlmProvider {
}
//# sourceMappingURL=provider.js.map