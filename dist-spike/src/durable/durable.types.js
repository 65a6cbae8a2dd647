export {};
//# sourceMappingURL=durable.types.js.map