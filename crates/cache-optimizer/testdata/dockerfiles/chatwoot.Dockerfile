FROM ruby:3.3-alpine AS pre-builder
ARG RAILS_ENV=production
RUN apk update && apk add --no-cache git curl && gem install bundler
WORKDIR /app
COPY Gemfile Gemfile.lock ./
# Compiles grpc for musl.
RUN apk update && apk add --no-cache build-base musl vips
RUN if [ "$RAILS_ENV" = "production" ]; then \
  bundle config set without 'development test'; bundle install -j 4 -r 3; \
  else bundle install -j 4 -r 3; \
  fi
COPY package.json pnpm-lock.yaml ./
RUN pnpm i
COPY . /app
RUN git rev-parse HEAD > /app/.git_sha
