FROM python:3.11 AS builder
RUN pip3 install poetry
COPY platform/libs /app/platform/libs
COPY platform/server/poetry.lock platform/server/pyproject.toml /app/platform/server/
WORKDIR /app/platform/server
RUN poetry config virtualenvs.create false \
    && poetry install --no-interaction --no-ansi
