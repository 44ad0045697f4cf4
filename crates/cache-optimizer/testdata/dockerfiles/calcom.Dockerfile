FROM node:18 AS builder
ARG DATABASE_URL
ENV DATABASE_URL=$DATABASE_URL
COPY package.json yarn.lock .yarnrc.yml ./
COPY .yarn ./.yarn
COPY apps/web ./apps/web
COPY packages ./packages
RUN yarn config set httpTimeout 1200000
RUN yarn install
RUN yarn --cwd apps/web workspace @calcom/web run build
RUN rm -rf node_modules/.cache
