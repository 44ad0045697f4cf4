FROM searxng/base:searxng-builder AS builder
COPY ./requirements.txt ./requirements-server.txt ./
RUN --mount=type=cache,id=uv,target=/root/.cache/uv set -eux -o pipefail; \
    uv venv; \
    uv pip install --requirements ./requirements.txt --requirements ./requirements-server.txt; \
    find ./.venv/lib/ -type d -name "__pycache__" -exec rm -rf {} +
COPY --exclude=./searx/version_frozen.py ./searx/ ./searx/
RUN python -m compileall -q ./searx/

FROM searxng/base:searxng AS dist
COPY --chown=977:977 --from=builder /usr/local/searxng/.venv/ ./.venv/
COPY --chown=977:977 ./container/entrypoint.sh ./
RUN chmod +x ./entrypoint.sh
