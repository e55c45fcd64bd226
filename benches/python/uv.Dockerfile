# The same by uv, which compiles as pip does. It comes from the index, and is not in the image.
FROM python:3.13-slim AS uv
ARG PIP_INDEX_URL
ARG PIP_TRUSTED_HOST
RUN --mount=type=cache,target=/var/cache/pip \
    --mount=type=secret,id=ca-certificates,target=/run/secrets/ca-certificates \
    if [ -f /run/secrets/ca-certificates ]; then export PIP_CERT=/run/secrets/ca-certificates; fi; \
    HOME=/tmp PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 \
    python3 -m pip --cache-dir /var/cache/pip install --progress-bar off --target /uv uv==0.13.9

FROM python:3.13-slim
ARG PIP_INDEX_URL
ENV PATH=/opt/venv/bin:$PATH VIRTUAL_ENV=/opt/venv
RUN --mount=type=cache,target=/var/cache/uv \
    --mount=type=secret,id=ca-certificates,target=/run/secrets/ca-certificates \
    --mount=type=bind,from=uv,source=/uv,target=/run/uv \
    --mount=type=bind,source=requirements.txt,target=/run/requirements.txt \
    if [ -f /run/secrets/ca-certificates ]; then export SSL_CERT_FILE=/run/secrets/ca-certificates; fi; \
    export HOME=/tmp UV_CACHE_DIR=/var/cache/uv UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 \
           UV_PYTHON_DOWNLOADS=never UV_DEFAULT_INDEX=$PIP_INDEX_URL; \
    /run/uv/bin/uv venv --quiet --python /usr/local/bin/python3 /opt/venv \
    && /run/uv/bin/uv pip install --requirement /run/requirements.txt
WORKDIR /app
COPY main.py .
CMD ["python3", "main.py"]
