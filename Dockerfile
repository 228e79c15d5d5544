# One image for every Airflow component and for the local AWS endpoint.
FROM python:3.11-slim

RUN useradd --create-home --uid 50000 airflow
WORKDIR /opt/storyboard
COPY requirements.txt .
RUN pip install --no-cache-dir uv==0.13.9 \
    && uv pip install --system --no-cache --compile-bytecode --require-hashes -r requirements.txt

COPY --chown=airflow dags dags
COPY --chown=airflow plugins plugins
COPY --chown=airflow include include
COPY --chown=airflow local_aws local_aws
COPY --chown=airflow launcher launcher

ENV AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/storyboard/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/storyboard/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=false \
    PYTHONPATH=/opt/storyboard/plugins:/opt/storyboard
RUN mkdir -p /opt/airflow/logs /opt/local_aws && chown -R airflow /opt/airflow /opt/local_aws
USER airflow
