/** The caller's signal ended the call. */
export class LlmAborted extends Error {
    constructor(cause) {
        super('The model call was aborted.', { cause });
        this.name = 'AbortError';
    }
}
//# sourceMappingURL=llm-call.js.map