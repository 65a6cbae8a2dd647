FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY nest-cli.json tsconfig.json tsconfig.build.json bundle.mjs ./
COPY migrations ./migrations
COPY clients/typescript/src ./clients/typescript/src
COPY src ./src
RUN npm run build && npm ci --omit=dev

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000 NYX_DATA_DIR=/data
WORKDIR /app
# What tools run programs in, and what run_code runs beside Node.
RUN apt-get update && apt-get install -y --no-install-recommends bubblewrap python3-minimal && rm -rf /var/lib/apt/lists/*
RUN mkdir /data && chown node:node /data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# Nothing is installed in a container that runs.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn* /opt/yarn*
USER node
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=660s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Node 24 lets what is new take twice the room of Node 20 and more before it looks what of it is left: after some thousand workflows 317 in place of 232 MiB are resident.
CMD ["node", "--max-semi-space-size=16", "dist/programs/main.js"]
