# The image holds one static binary and nothing else: no shell, no package manager, no PostgreSQL. DATABASE_URL and
# RIALTO_SECRET_KEY must be given when it runs; docker-compose.yml shows how.

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY api api
COPY cmd cmd
COPY internal internal
COPY migrations migrations
RUN CGO_ENABLED=0 go build -trimpath -o /server ./cmd/server

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /server /server
# The user "nonroot" of the base image, by number, so that a platform can see that it is not root.
USER 65532:65532
ENV RIALTO_ADDR=:8080
EXPOSE 8080
# The first start runs the migrations before it is ready.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/server", "healthcheck"]
ENTRYPOINT ["/server"]
