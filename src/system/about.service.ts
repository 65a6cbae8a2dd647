import { Injectable } from '@nestjs/common';
import type { Plain } from '../http/plain.js';
import { ABOUT } from './about.js';
import type { GreetingDto, InfoDto } from './dto/about.dto.js';

@Injectable()
export class AboutService {
  greeting(): Plain<GreetingDto> {
    const { name, version, endpoints } = ABOUT;
    return { message: name, version, docs: endpoints.docs, health: endpoints.health };
  }

  info(): Plain<InfoDto> {
    const { name, version, description, features, endpoints } = ABOUT;
    return { name, version, description, features, endpoints, timestamp: new Date().toISOString() };
  }
}
