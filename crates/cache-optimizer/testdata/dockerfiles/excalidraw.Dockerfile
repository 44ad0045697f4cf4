FROM --platform=${BUILDPLATFORM} node:24 AS build
WORKDIR /opt/node_app
COPY . .
RUN --mount=type=cache,target=/root/.cache/yarn \
    npm_config_target_arch=${TARGETARCH} yarn --network-timeout 600000
RUN npm_config_target_arch=${TARGETARCH} yarn build:app:docker
