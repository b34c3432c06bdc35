# A process of agentflow: the command decides which, `worker` unless told. Programs are mounted or copied to /programs.
FROM node:24.11.1-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && npm pack --pack-destination /package

FROM node:24.11.1-bookworm-slim
ENV NODE_ENV=production
COPY --from=build /package/*.tgz /tmp/agentflow.tgz
RUN npm install --global /tmp/agentflow.tgz && rm /tmp/agentflow.tgz
WORKDIR /programs
RUN chown node:node /programs
USER node
EXPOSE 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/live').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# No shell and no npm between the container's signals and the process.
ENTRYPOINT ["agentflow"]
CMD ["worker"]
