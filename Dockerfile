# One image for every Airflow component and for the local AWS endpoint.
#
# The digest fixes what the tag means. Update it with the tag, by
# `docker buildx imagetools inspect python:3.11-slim-bookworm`.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b
FROM ${PYTHON_IMAGE}

RUN useradd --create-home --uid 50000 airflow
WORKDIR /opt/storyboard
COPY requirements.txt .
RUN pip install --no-cache-dir uv==0.13.9 \
    && uv pip install --system --no-cache --compile-bytecode --require-hashes -r requirements.txt

COPY dags dags
COPY plugins plugins
COPY include include
COPY local_aws local_aws
COPY launcher launcher
COPY trainer trainer
# Root owns the code, and others only read it, whatever the modes were in the checkout. Containers
# cannot write bytecode, so it is written here.
RUN chmod -R u=rwX,go=rX . && python -m compileall -q .

ENV AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/storyboard/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/storyboard/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=false \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/opt/storyboard/plugins:/opt/storyboard
RUN mkdir -p /opt/airflow/logs /opt/local_aws && chown -R airflow /opt/airflow /opt/local_aws \
    && chmod -R go= /opt/airflow /opt/local_aws
USER airflow
