# syntax=docker/dockerfile:1

# One static x86_64 binary in an image without a shell or a package manager.

FROM rust:1.95.0-slim-bookworm AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends musl-tools \
    && rm -rf /var/lib/apt/lists/* \
    && rustup target add x86_64-unknown-linux-musl
# ring and SQLite are C, so they need musl's compiler too.
ENV CARGO_BUILD_TARGET=x86_64-unknown-linux-musl \
    CC_x86_64_unknown_linux_musl=musl-gcc
WORKDIR /build

# Dependencies get a layer of their own, rebuilt only when the manifest or the lock file changes. Cargo insists that every
# target in Cargo.toml exists, so empty files stand in for them.
COPY Cargo.toml Cargo.lock ./
RUN mkdir -p src tests/it tests/crash benches \
    && touch src/lib.rs tests/it/main.rs tests/crash/main.rs \
    && touch $(grep -o 'benches/[a-z]*\.rs' Cargo.toml) \
    && echo 'fn main() {}' > src/main.rs \
    && cargo build --release --locked

# Cargo compares modification times, and the real sources may be older than the empty files just built.
COPY src src
COPY templates templates
RUN touch src/lib.rs src/main.rs \
    && cargo build --release --locked \
    && cp target/x86_64-unknown-linux-musl/release/steward /steward \
    && mkdir /data

# Contains only root certificates, time zones, and the user `nonroot` (65532).
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /steward /steward
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
# Holds the database, and steward.toml if there is one.
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=6s --start-period=10s --retries=3 CMD ["/steward", "check", "--running"]
ENTRYPOINT ["/steward"]
CMD ["serve"]
