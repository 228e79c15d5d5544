# One image for every Airflow component and for the local AWS endpoint.
#
# The digest fixes what the tag means. Update it with the tag, by
# `docker buildx imagetools inspect python:3.11-slim-bookworm`.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b

# What the runtime lock names is installed in a stage of its own: neither uv nor its cache is in the
# image. Packages bring tests of their own (90 MB), and their modules symbols for debuggers (100 MB);
# nothing needs either. Libraries that a wheel carries (*.libs) are as they are: strip breaks them.
FROM ${PYTHON_IMAGE} AS packages
RUN apt-get update && apt-get install -y --no-install-recommends binutils \
    && rm -rf /var/lib/apt/lists/*
RUN pip install --no-cache-dir uv==0.13.9 && uv venv /opt/venv
COPY requirements.txt .
RUN VIRTUAL_ENV=/opt/venv uv pip install --no-cache --require-hashes -r requirements.txt \
    && find /opt/venv/lib -type d -name tests -prune -exec rm -r {} + \
    && find /opt/venv/lib -name '*.so' -not -path '*.libs/*' -exec strip --strip-unneeded {} +

FROM ${PYTHON_IMAGE}
RUN useradd --create-home --uid 50000 airflow
COPY --from=packages /opt/venv /opt/venv
WORKDIR /opt/storyboard
COPY dags dags
COPY plugins plugins
COPY include include
COPY local_aws local_aws
COPY launcher launcher
COPY trainer trainer
ENV AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/storyboard/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/storyboard/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=false \
    PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/opt/storyboard/plugins:/opt/storyboard
# Root owns the code, and others only read it, whatever the modes were in the checkout. Containers
# cannot write bytecode, so it is written here: for our code and for what the services import.
RUN chmod -R u=rwX,go=rX . && python -m compileall -q . \
    && PYTHONDONTWRITEBYTECODE= AIRFLOW_HOME=/tmp/warm python -m launcher.containers.warm \
    && rm -r /tmp/warm \
    && mkdir -p /opt/airflow/logs /opt/local_aws && chown -R airflow /opt/airflow /opt/local_aws \
    && chmod -R go= /opt/airflow /opt/local_aws
USER airflow
ENTRYPOINT ["python", "-m", "launcher.containers"]
