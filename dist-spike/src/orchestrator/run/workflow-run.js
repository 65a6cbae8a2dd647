export {};
//# sourceMappingURL=workflow-run.js.map