const MODELS = [
    {
        id: 'claude-haiku-5-5',
        line: 'haiku',
        name: 'Claude Haiku 5.5',
        maxInput: 1_000_000,
        maxOutput: 64_000,
        at: '2026-09',
    },
    {
        id: 'claude-sonnet-5-5',
        line: 'sonnet',
        name: 'Claude Sonnet 5.5',
        maxInput: 1_000_000,
        maxOutput: 128_000,
        at: '2026-08',
    },
    {
        id: 'claude-opus-5-5',
        line: 'opus',
        name: 'Claude Opus 5.5',
        maxInput: 1_000_000,
        maxOutput: 128_000,
        at: '2026-08',
    },
    {
        id: 'claude-fable-5-2',
        line: 'fable',
        name: 'Claude Fable 5.2',
        maxInput: 1_000_000,
        maxOutput: 128_000,
        at: '2026-10',
    },
    {
        id: 'claude-fable-5-1',
        line: 'fable',
        name: 'Claude Fable 5.1',
        maxInput: 1_000_000,
        maxOutput: 128_000,
        at: '2026-06',
    },
    { id: 'claude-opus-5', line: 'opus', name: 'Claude Opus 5', maxInput: 1_000_000, maxOutput: 128_000, at: '2026-03' },
];
export const maxOutputOf = (model) => MODELS.find(({ id }) => id === model)?.maxOutput;
export const modelBody = (id) => {
    const model = MODELS.find((candidate) => candidate.id === id);
    return (model && {
        type: 'model',
        id,
        display_name: model.name,
        line: model.line,
        created_at: `${model.at}-01T00:00:00Z`,
        lifecycle: 'active',
        deprecated_at: null,
        retires_at: null,
        max_input_tokens: model.maxInput,
        max_tokens: model.maxOutput,
        capabilities: null,
    });
};
export const modelsPage = () => ({
    data: MODELS.map(({ id }) => modelBody(id)),
    first_id: MODELS[0]?.id ?? null,
    last_id: MODELS.at(-1)?.id ?? null,
    has_more: false,
});
//# sourceMappingURL=model-server-models.js.map