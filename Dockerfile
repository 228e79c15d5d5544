# One image for every Airflow component and for the local AWS endpoint.
#
# The digest fixes what the tag means. Update it with the tag, by
# `docker buildx imagetools inspect python:3.11-slim-bookworm`.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b

# What the runtime lock names is installed in a stage of its own: neither uv nor its cache is in the
# image. Nothing at run time needs the tests of packages (90 MB), symbols for debuggers (100 MB),
# examples, lists of parts, sources and stubs (20 MB), or how dates are written in other languages than English
# (28 MB).
# Libraries that a wheel carries (*.libs) are as they are: strip breaks them.
FROM ${PYTHON_IMAGE} AS packages
RUN apt-get update && apt-get install -y --no-install-recommends binutils \
    && rm -rf /var/lib/apt/lists/*
RUN pip install --no-cache-dir uv==0.13.9 && uv venv /opt/venv
COPY requirements.txt .
RUN VIRTUAL_ENV=/opt/venv uv pip sync --no-cache --require-hashes requirements.txt \
    && cd /opt/venv/lib \
    && find . -type d -regex '.*/\(tests\|sample_data\|sboms\)' -prune -exec rm -r {} + \
    && find . -path '*/botocore/data/*' -name 'examples-*' -delete \
    && find . -regex '.*\.\(pyi\|pyx\|pxd\|c\|cpp\|h\|hpp\|js\.map\)' -delete \
    && find . -path '*/babel/locale-data/*.dat' -not -name 'en*' -not -name root.dat -delete \
    && find . -name '*.so' -not -path '*.libs/*' -exec strip --strip-unneeded {} +
# Containers cannot write bytecode, so what the services import is compiled here: they start twice
# as fast. An image of changed code shares this stage's layer with the one before.
COPY launcher/containers/warm.py .
RUN AIRFLOW_HOME=/tmp/warm /opt/venv/bin/python warm.py && rm -r /tmp/warm

# Root owns the code, and others only read it, whatever the modes were in the checkout.
FROM ${PYTHON_IMAGE} AS code
WORKDIR /opt/storyboard
COPY dags dags
COPY plugins plugins
COPY include include
COPY local_aws local_aws
COPY launcher launcher
COPY trainer trainer
RUN chmod -R u=rwX,go=rX . && python -m compileall -q --invalidation-mode unchecked-hash .

FROM ${PYTHON_IMAGE}
RUN useradd --create-home --uid 50000 airflow \
    && mkdir -p /opt/airflow/logs /opt/local_aws && chown -R airflow /opt/airflow /opt/local_aws \
    && chmod -R go= /opt/airflow /opt/local_aws
WORKDIR /opt/storyboard
COPY --from=packages /opt/venv /opt/venv
COPY --from=code /opt/storyboard .
ENV AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/storyboard/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/storyboard/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=false \
    PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/opt/storyboard/plugins:/opt/storyboard
USER airflow
ENTRYPOINT ["python", "-m", "launcher.containers"]
