import { Module } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { Egress } from './egress.js';
import { EgressStreams } from './egress-streams.js';
import { EgressProxy } from './proxy.js';

@Module({
  providers: [
    { provide: Egress, inject: [AppConfig], useFactory: ({ tools }: AppConfig) => new Egress(tools.privateRanges) },
    {
      provide: EgressStreams,
      inject: [AppConfig],
      useFactory: ({ tools }: AppConfig) => new EgressStreams(tools.privateRanges),
    },
    {
      provide: EgressProxy,
      inject: [AppConfig],
      useFactory: ({ tools }: AppConfig) => new EgressProxy(tools.privateRanges),
    },
  ],
  exports: [Egress, EgressStreams, EgressProxy],
})
export class EgressModule {}
