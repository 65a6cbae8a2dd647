import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { StartError } from '../config/start-error.js';

interface Controller {
  readonly name: string;
  readonly prototype: object;
}

/** A method that answers a route names it in the description of the API and in the audit log, so no two may have one name. */
@Injectable()
export class RouteNames implements OnModuleInit {
  constructor(private readonly modules: ModulesContainer) {}

  onModuleInit(): void {
    const found = [...this.modules.values()].flatMap(({ controllers }) => [...controllers.values()]);
    checkRouteNames(new Set(found.map(({ metatype }) => metatype as unknown as Controller)));
  }
}

/** @throws StartError naming the first two routes of one name */
export function checkRouteNames(controllers: Iterable<Controller>): void {
  const owners = new Map<string, string>();
  for (const { name: controller, prototype } of controllers) {
    for (const name of new MetadataScanner().getAllMethodNames(prototype)) {
      const method = (prototype as Record<string, object>)[name];
      if (method === undefined || !Reflect.hasMetadata(PATH_METADATA, method)) continue;
      const other = owners.get(name);
      if (other !== undefined) {
        throw new StartError(
          `Two routes have a method named ${name}, of ${other} and ${controller}: rename one, for it names the route in /openapi.json and in the audit log.`,
        );
      }
      owners.set(name, controller);
    }
  }
}
