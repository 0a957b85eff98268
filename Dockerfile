# syntax=docker/dockerfile:1
FROM python:3.11.13-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/pip install --require-hashes -r requirements.txt
COPY . .
RUN DATABASE_URL=postgresql://build@localhost/build REDIS_URL=redis://localhost SECRET_KEY=build \
    /venv/bin/python manage.py collectstatic --no-input

FROM python:3.11.13-slim-bookworm
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /nonexistent twelvefold \
    && install --directory --owner twelvefold /var/lib/twelvefold
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
# Nobody can write byte code later, and a scan that must compile everything takes seconds longer.
RUN /venv/bin/python -m compileall -q apps config && /venv/bin/python -m apps.scans.prepare
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/var/lib/twelvefold PORT=8000 \
    ALIVE_FILE=/tmp/alive
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=2)"]
CMD ["gunicorn", "--config", "config/gunicorn.py", "config.wsgi"]
