import { isObject } from './model-server-request.js';
const FORMATS = {
    'date-time': '2026-01-01T00:00:00Z',
    date: '2026-01-01',
    time: '00:00:00Z',
    duration: 'PT1M',
    email: 'someone@example.com',
    hostname: 'example.com',
    uri: 'https://example.com/',
    ipv4: '192.0.2.1',
    ipv6: '2001:db8::1',
    uuid: '00000000-0000-4000-8000-000000000000',
};
const resolve = (schema, root) => {
    if (typeof schema.$ref !== 'string')
        return schema;
    let target = root;
    for (const part of schema.$ref.replace(/^#\/?/, '').split('/'))
        if (part !== '')
            target = isObject(target) ? target[part] : undefined;
    return isObject(target) ? target : {};
};
const variantOf = (schema) => {
    const variants = [schema.anyOf, schema.oneOf, schema.allOf].find(Array.isArray);
    const objects = variants?.filter(isObject) ?? [];
    return objects.find((variant) => variant.type !== 'null') ?? objects[0];
};
const typeOf = (schema) => Array.isArray(schema.type) ? schema.type.find((type) => type !== 'null') : schema.type;
const valueOf = (name, given, root, filling) => {
    const schema = resolve(given, root);
    if ('const' in schema)
        return schema.const;
    if (Array.isArray(schema.enum))
        return schema.enum[0];
    const variant = variantOf(schema);
    if (variant)
        return valueOf(name, variant, root, filling);
    switch (typeOf(schema)) {
        case 'object':
            return objectOf(schema, root, filling);
        case 'array':
            return isObject(schema.items) ? [valueOf(name, schema.items, root, filling)] : [];
        case 'integer':
            return 1;
        case 'number':
            return 0.8;
        case 'boolean':
            return true;
        case 'null':
            return null;
        default:
            return typeof schema.format === 'string' ? (FORMATS[schema.format] ?? schema.format) : filling.text(name);
    }
};
const objectOf = (schema, root, filling) => {
    const properties = isObject(schema.properties) ? schema.properties : {};
    return Object.fromEntries(Object.entries(properties).map(([name, child]) => {
        const resolved = isObject(child) ? resolve(child, root) : {};
        return [name, filling.property?.(name, resolved, root) ?? valueOf(name, resolved, root, filling)];
    }));
};
/** One value that fits the schema; the same schema and filling give the same value. */
export const fitSchema = (schema, filling) => valueOf('answer', schema, schema, filling);
/** `fitSchema` for one item of an array property, its place filled by `override`. */
export const fitItem = (schema, root, override, filling) => {
    const item = resolve(schema, root);
    const fitted = objectOf(item, root, filling);
    for (const [name, value] of Object.entries(override))
        if (name in fitted)
            fitted[name] = value;
    return fitted;
};
export const itemsOf = (schema, root) => isObject(schema.items) ? resolve(schema.items, root) : undefined;
//# sourceMappingURL=model-server-schema.js.map