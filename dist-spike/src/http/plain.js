export {};
//# sourceMappingURL=plain.js.map