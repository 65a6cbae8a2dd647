const UNITS = [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
    ['s', 1],
];
/** Whole seconds as people read them: `1d 2h 0m 5s`, leading zero units left out. */
export function readableUptime(seconds) {
    let rest = Math.max(0, Math.floor(seconds));
    const parts = [];
    for (const [unit, size] of UNITS) {
        const count = Math.floor(rest / size);
        rest -= count * size;
        if (count > 0 || parts.length > 0 || unit === 's')
            parts.push(`${count}${unit}`);
    }
    return parts.join(' ');
}
//# sourceMappingURL=uptime.rules.js.map