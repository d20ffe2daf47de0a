# Step 07 as a service. `docker compose --profile app up --build` runs it with Redis and
# MySQL; by itself:
#
#   docker build -t taproom .          # or of step 08, with --build-arg STEP=step-08
#   docker run -p 127.0.0.1:3000:3000 -e SESSION_SECRET=… -e SESSION_STORE=… -e DATABASE_URL=… taproom
#
# Unset, sessions are in memory and users in a file of the container: both end with it.

FROM rust:1.95-slim-bookworm AS build
ARG STEP=step-07
WORKDIR /course
COPY . .
# The cache keeps what cargo fetched and built; the program is copied out of it.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/course/target \
    cargo build --release --locked --package "$STEP" \
    && install -D "target/release/$STEP" /image/app \
    && install -d -o 65532 -g 65532 /image/data

# For the health check alone: the image below has no shell that could ask.
FROM busybox:1.37-musl AS ask

# glibc, and not much else. `nonroot` is user 65532.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=ask /bin/wget /bin/wget
COPY --from=build /image/app /bin/app
COPY --from=build --chown=65532:65532 /image/data /data
WORKDIR /data
ENV HOST=0.0.0.0 PORT=3000 APP_ENV=production LOG_FORMAT=json
EXPOSE 3000
# Whether it lives. Whether its databases answer, too, is /healthz/ready: no reason to
# start it anew.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["/bin/wget", "-q", "-O", "/dev/null", "http://127.0.0.1:3000/healthz"]
CMD ["/bin/app"]
