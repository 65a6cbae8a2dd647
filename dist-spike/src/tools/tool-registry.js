var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
import { Injectable } from '@nestjs/common';
/** Every tool there is. Rooms register theirs in constructors; a name that is taken stops the start. */
let ToolRegistry = class ToolRegistry {
    tools = new Map();
    /** @throws Error naming the tool when another has its name */
    register(...tools) {
        for (const tool of tools) {
            if (this.tools.has(tool.name))
                throw new Error(`Two tools are called ${tool.name}.`);
            this.tools.set(tool.name, tool);
        }
    }
    find(name) {
        return this.tools.get(name);
    }
    available() {
        const byName = [...this.tools.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
        return {
            tools: byName.map((tool) => ({
                name: tool.name,
                description: tool.description,
                operations: tool.operations,
                parameters_schema: tool.parametersSchema,
                risk: tool.risk,
                ...tool.availability(),
            })),
        };
    }
};
ToolRegistry = __decorate([
    Injectable()
], ToolRegistry);
export { ToolRegistry };
//# sourceMappingURL=tool-registry.js.map