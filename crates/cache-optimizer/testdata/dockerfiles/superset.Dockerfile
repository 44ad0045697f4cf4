FROM node:18 AS superset-node
ARG NPM_BUILD_CMD="build"
RUN apt-get update -qq && apt-get install -yqq build-essential python3
WORKDIR /app/superset-frontend
RUN --mount=type=bind,target=./package.json,src=./superset-frontend/package.json \
    npm ci
COPY ./superset-frontend ./
RUN npm run ${NPM_BUILD_CMD}

FROM python:3.10 AS lean
COPY pyproject.toml setup.py ./
COPY requirements/base.txt requirements/
RUN --mount=type=cache,target=/root/.cache/pip \
    apt-get update -qq && apt-get install -yqq build-essential \
    && pip install -r requirements/base.txt \
    && apt-get autoremove -yqq --purge build-essential
COPY superset superset
RUN pip install -e .

FROM lean AS dev
RUN apt-get update -qq && apt-get install -yqq git
COPY requirements/development.txt requirements/
RUN pip install -r requirements/development.txt
