export const CONFIG_TYPES = ['limit', 'setting', 'credential'] as const;
export type ConfigType = (typeof CONFIG_TYPES)[number];
