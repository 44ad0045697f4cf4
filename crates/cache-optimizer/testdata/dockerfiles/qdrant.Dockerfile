FROM cargo-chef AS chef
WORKDIR /qdrant

FROM chef AS planner
COPY . .
RUN cargo chef prepare --recipe-path recipe.json

FROM chef as builder
COPY --from=planner /qdrant/recipe.json recipe.json
RUN apt-get update ; apt-get install -y clang cmake ; rustup component add rustfmt
RUN cargo chef cook --release --recipe-path recipe.json
COPY . .
RUN cargo build --release --bin qdrant

FROM debian:11-slim
RUN apt-get update \
    && apt-get install -y ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/*
COPY --from=builder /qdrant/target/release/qdrant /qdrant/qdrant
