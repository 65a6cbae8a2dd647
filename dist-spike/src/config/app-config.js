/** Everything the environment decides, validated once at start. The one injectable source of configuration. */
export class AppConfig {
    environment;
    http;
    database;
    /** Absolute. Embedded database, generated secrets, workspace. */
    dataDir;
    workspaceDir;
    admin;
    /** At least 32 bytes; given or generated and kept in the data folder. */
    jwtSecret;
    deploymentApiKey;
    llm;
    budget;
    limits;
    /** Requests per minute and principal; 0 is off. */
    rateLimitPerMinute;
    logLevel;
    metricsPort;
    otelEndpoint;
    /** One sentence per deprecated or ignored setting; logged once at start. */
    warnings;
}
//# sourceMappingURL=app-config.js.map