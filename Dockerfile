FROM --platform=$BUILDPLATFORM node:22.22.0-bookworm-slim AS console
ENV npm_config_cache=/cache/npm
WORKDIR /src/ui
COPY ui/package.json ui/package-lock.json ui/.npmrc ./
RUN --mount=type=cache,target=/cache/npm npm ci
COPY api/openapi.yaml /src/api/openapi.yaml
COPY api/admin/openapi.yaml /src/api/admin/openapi.yaml
COPY docs/receivers /src/docs/receivers
COPY ui/ ./
COPY sdk/ /src/sdk/
RUN npm run build

FROM --platform=$BUILDPLATFORM golang:1.26.8-bookworm AS build
ENV GOMODCACHE=/cache/mod GOCACHE=/cache/build
WORKDIR /src

# Modules first: a change of our code does not download them again.
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/cache/mod go mod download

COPY . .
COPY --from=console /src/ui/dist/app ui/dist/app
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev
# No cgo (the SQLite driver is pure Go), so the program needs nothing of a system around it.
RUN --mount=type=cache,target=/cache/mod --mount=type=cache,target=/cache/build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=${VERSION}" -o /image/usr/local/bin/click2call ./cmd/click2call
# The only other things: root certificates for wss and https, a user, and a place for the SQLite file of a single
# container.
RUN mkdir -p /image/etc/ssl/certs /image/data && \
    cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ && \
    echo 'click2call:x:65532:65532::/data:/usr/sbin/nologin' > /image/etc/passwd && \
    chown 65532:65532 /image/data && chmod 700 /image/data

FROM scratch
COPY --from=build /image/ /
USER 65532:65532
WORKDIR /data
VOLUME /data
EXPOSE 8080
# Alive, not ready: orchestrators that act on this restart the container, and a restart mends no database.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["/usr/local/bin/click2call", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/click2call"]
CMD ["serve"]
