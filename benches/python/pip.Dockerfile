# The usual Dockerfile: one step, by pip, with its cache on a cache mount.
FROM python:3.13-slim
ARG PIP_INDEX_URL
ARG PIP_TRUSTED_HOST
ENV PATH=/opt/venv/bin:$PATH VIRTUAL_ENV=/opt/venv
RUN --mount=type=cache,target=/var/cache/pip \
    --mount=type=secret,id=ca-certificates,target=/run/secrets/ca-certificates \
    --mount=type=bind,source=requirements.txt,target=/run/requirements.txt \
    if [ -f /run/secrets/ca-certificates ]; then export PIP_CERT=/run/secrets/ca-certificates; fi; \
    /usr/local/bin/python3 -m venv --without-pip --symlinks /opt/venv \
    && HOME=/tmp PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 \
       /usr/local/bin/python3 -m pip --python /opt/venv/bin/python3 --cache-dir /var/cache/pip \
       install --progress-bar off --requirement /run/requirements.txt
WORKDIR /app
COPY main.py .
CMD ["python3", "main.py"]
