# One image for every node: `docker compose build`. Everything in it is pinned: the base by its
# version, Python and Node packages by their hashes.
FROM python:3.11.14-slim-bookworm AS base
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

FROM base AS build
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
COPY requirements.lock requirements-node.lock ./
RUN pip install --quiet --require-hashes --no-deps -r requirements.lock \
    && python -m venv /node \
    && /node/bin/pip install --quiet --require-hashes --no-deps -r requirements-node.lock
COPY agents_ui ./agents_ui
COPY channels/webchat/widget ./channels/webchat/widget
RUN PATH=/node/bin:$PATH python -m agents_ui.build && rm -rf agents_ui/web
RUN python -m compileall -q /venv

FROM base
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin punte \
    && install -d -o punte -g punte /data
COPY --from=build /venv /venv
COPY infra ./infra
COPY crm_core ./crm_core
COPY inbox ./inbox
COPY channels ./channels
COPY --from=build /app/channels/webchat/static ./channels/webchat/static
COPY --from=build /app/agents_ui ./agents_ui
COPY hub ./hub
COPY LICENSE ./
ENV PATH=/venv/bin:$PATH PUNTE_DATA=/data PUNTE_HOST=0.0.0.0 PUNTE_LOG_FORMAT=json
USER punte
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=4s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/readyz', timeout=3)"]
ENTRYPOINT ["python", "-m", "hub"]
CMD ["run"]
