# syntax=docker/dockerfile:1

# One static binary in an image without a shell or a package manager. For both architectures:
# docker buildx build --platform linux/amd64,linux/arm64 .

FROM rust:1.95.0-slim-bookworm AS build
# Debian's compiler of the builder's own architecture; ring and SQLite are C, so they need musl's compiler too.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends musl-tools \
    && rm -rf /var/lib/apt/lists/* \
    && rustup target add "$(uname -m)-unknown-linux-musl"
ENV CC_x86_64_unknown_linux_musl=musl-gcc \
    CC_aarch64_unknown_linux_musl=musl-gcc
WORKDIR /build

COPY Cargo.toml Cargo.lock ./
COPY src src
COPY templates templates
# The caches keep downloaded and compiled dependencies between builds. Cargo insists that every target in Cargo.toml
# exists, so empty files stand in for those that are not in the image.
ARG TARGETARCH
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,id=steward-target-$TARGETARCH,target=/build/target,sharing=locked \
    mkdir -p tests/it tests/crash benches \
    && touch tests/it/main.rs tests/crash/main.rs $(grep -o 'benches/[a-z]*\.rs' Cargo.toml) \
    && target="$(uname -m)-unknown-linux-musl" \
    && cargo build --release --locked --target "$target" \
    && cp "target/$target/release/steward" /steward \
    && mkdir /data

# Contains only root certificates, time zones, and the user `nonroot` (65532).
FROM gcr.io/distroless/static-debian12:nonroot
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Steward" \
      org.opencontainers.image.description="A Webex bot for running an organization's Webex devices from chat" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
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
