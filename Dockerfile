# Build:    docker build -t vouch .
# Run:      docker run --name vouch -p 11371:11371 -v vouch:/var/lib/vouch vouch
# Settings: docker run … -v /etc/vouch/server.toml:/etc/vouch/server.toml:ro -e VOUCH_CONFIG=/etc/vouch/server.toml vouch
# Operate:  docker exec vouch vouch keystore status        (VOUCH_DATA is set: no flags are needed)
# Reload:   docker kill --signal HUP vouch

# Pinned by its digest. Renew it with each release: docker pull node:24-bookworm-slim, and take what it says.
ARG NODE=node:24.20.0-bookworm-slim@sha256:ba849c60be29959425b8734d57b8b4b7d56f98edd9504c9af091d5281095a71e

FROM ${NODE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package needs its install script: LevelDB's binding has binaries for all platforms of the base image.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY scripts ./scripts
COPY src ./src
RUN node scripts/setup.mjs

FROM ${NODE}
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --omit=peer --ignore-scripts && npm cache clean --force
COPY --from=build /app/dist ./dist
COPY config ./config
COPY LICENSE README.md ./
# A new named volume takes over the owner of this folder.
RUN install -d -o node -g node -m 0700 /var/lib/vouch
RUN ln -s /app/dist/cli/main.js /usr/local/bin/vouch
ENV VOUCH_DATA=/var/lib/vouch
USER node
VOLUME /var/lib/vouch
EXPOSE 11371
# With [tls] in the settings: --health-cmd 'curl …' or --no-healthcheck, and the health check of the orchestrator.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:11371/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# exec form: the process gets SIGTERM from `docker stop` itself, finishes its requests and closes the store; SIGHUP reloads.
ENTRYPOINT ["node", "/app/dist/cli/main.js"]
CMD ["serve", "--listen", "0.0.0.0:11371"]
