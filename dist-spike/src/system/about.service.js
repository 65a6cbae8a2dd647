var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
import { Injectable } from '@nestjs/common';
import { ABOUT } from './about.js';
let AboutService = class AboutService {
    greeting() {
        const { name, version, endpoints } = ABOUT;
        return { message: name, version, docs: endpoints.docs, health: endpoints.health };
    }
    info() {
        const { name, version, description, features, endpoints } = ABOUT;
        return { name, version, description, features, endpoints, timestamp: new Date().toISOString() };
    }
};
AboutService = __decorate([
    Injectable()
], AboutService);
export { AboutService };
//# sourceMappingURL=about.service.js.map