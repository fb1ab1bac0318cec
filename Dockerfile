FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build:gateway
# By the Node.js of the image: V8 rejects what another version of it has compiled.
RUN /usr/local/bin/node src/node/program/write-code-cache.ts dist/program.cjs

FROM node:24-slim
WORKDIR /app
# Says that its modules are ES modules, which Node otherwise finds out by parsing each twice.
COPY --from=build /app/package.json ./
COPY --from=build /app/dist ./
USER node
EXPOSE 8787
# The configuration decides the port: PORT overrides it, here and in the check.
ENV PORT=8787
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "gateway.js", "--config", "/etc/profile-gateway/gateway.yaml"]
