export const CONFIG_TYPES = ['limit', 'setting', 'credential'];
//# sourceMappingURL=system-config.values.js.map