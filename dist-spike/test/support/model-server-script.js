import { promptText, systemText, isObject } from './model-server-request.js';
/** A rule as it comes over HTTP: a regular expression is `{pattern, flags?}`. */
export const ruleFromJson = (value) => {
    if (!isObject(value))
        throw new TypeError('a rule is a JSON object');
    const match = isObject(value.match) ? value.match : {};
    const expression = (given) => isObject(given) ? new RegExp(String(given.pattern), typeof given.flags === 'string' ? given.flags : '') : given;
    return { ...value, match: { ...match, prompt: expression(match.prompt), system: expression(match.system) } };
};
const found = (wanted, text) => wanted === undefined || (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text));
const schemaFits = (wanted, schema) => {
    if (wanted === undefined)
        return true;
    if (typeof wanted === 'boolean')
        return wanted === (schema !== undefined);
    return isObject(schema?.properties) && wanted in schema.properties;
};
const matches = (match, request) => found(match.prompt, promptText(request)) &&
    found(match.system, systemText(request)) &&
    (match.model === undefined || match.model === request.model) &&
    (match.tool === undefined || request.tools.some(({ name }) => name === match.tool)) &&
    schemaFits(match.schema, request.schema);
/** The rules in force; the last added that fits a call decides. */
export class Script {
    rules = [];
    add(rules) {
        for (const rule of rules)
            this.rules.unshift({ rule, skip: rule.skip ?? 0, left: rule.times ?? Infinity });
    }
    clear() {
        this.rules = [];
    }
    next(request) {
        for (const entry of this.rules) {
            if (entry.left <= 0 || !matches(entry.rule.match ?? {}, request))
                continue;
            if (entry.skip > 0) {
                entry.skip -= 1;
                continue;
            }
            entry.left -= 1;
            return entry.rule;
        }
        return {};
    }
}
//# sourceMappingURL=model-server-script.js.map