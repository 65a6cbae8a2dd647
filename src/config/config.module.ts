import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule as NestConfigModule, registerAs, type ConfigType } from '@nestjs/config';
import { AppConfig } from './app-config.js';

/** Makes the validated configuration injectable everywhere as `AppConfig`. The environment was read before; it is not read again. */
@Module({})
export class ConfigModule {
  static forRoot(config: AppConfig): DynamicModule {
    const nyx = registerAs('nyx', () => config);
    return {
      module: ConfigModule,
      global: true,
      imports: [
        NestConfigModule.forRoot({ ignoreEnvFile: true, ignoreEnvVars: true, skipProcessEnv: true, load: [nyx] }),
        NestConfigModule.forFeature(nyx),
      ],
      providers: [
        { provide: AppConfig, inject: [nyx.KEY], useFactory: (loaded: ConfigType<typeof nyx>): AppConfig => loaded },
      ],
      exports: [AppConfig],
    };
  }
}
