export {};
//# sourceMappingURL=call-plan.js.map