/** A way to carry a workflow out. Runs inside a durable function: everything it does is a step. */
export class Strategy {
}
//# sourceMappingURL=strategy.js.map