import { Decimal } from 'decimal.js';
const price = (input, output, write5m, write1h, read) => ({
    input,
    output,
    write5m,
    write1h,
    read,
});
export const PRICES = {
    'claude-opus-5-5': price('4', '20', '5', '8', '0.20'),
    'claude-sonnet-5-5': price('2', '10', '2.5', '4', '0.10'),
    'claude-haiku-5-5': {
        ...price('0.10', '0.50', '0.125', '0.20', '0.01'),
        long: { above: 100_000, price: price('0.50', '2.50', '0.625', '1.00', '0.05') },
    },
    'claude-fable-5-1': price('10', '50', '12.5', '20', '0.25'),
    'claude-opus-5': price('5', '25', '6.25', '10', '0.50'),
};
/** Exact cost of one answered call in USD. */
export const chargeOf = (listed, usage) => {
    const input = usage.inputTokens + usage.write5mTokens + usage.write1hTokens + usage.readTokens;
    const rate = listed.long && input > listed.long.above ? listed.long.price : listed;
    return new Decimal(rate.input)
        .times(usage.inputTokens)
        .plus(new Decimal(rate.output).times(usage.outputTokens))
        .plus(new Decimal(rate.write5m).times(usage.write5mTokens))
        .plus(new Decimal(rate.write1h).times(usage.write1hTokens))
        .plus(new Decimal(rate.read).times(usage.readTokens))
        .dividedBy(1_000_000);
};
//# sourceMappingURL=model-server-prices.js.map