"""
### Remove this film, this shot or this person everywhere

This DAG finds everything in a workspace that derives from it, by lineage: frames, detections and
paid answers of the library, crops, captions, reviews with their answers, datasets in every layout,
storyboards by models that were trained on it, and pages that show it. It deletes the objects,
removes the rows from manifests, rewrites pages, and writes `removals/{id}.html`: what was deleted
and rewritten, and which models were trained on it. `removed.json` prevents later runs from using
it again. A dry run, which is the default, only reports what would happen.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag

from storyboard_ops.airflow_ops.dag_params import run_params
from storyboard_ops.airflow_ops.task_bridge import TASK_DEFAULTS
from storyboard_ops.airflow_ops.tasks.removal import find_material, remove_material
from storyboard_ops.domain.removal.removal_records import REMOVAL_FIRST, RemovalRequest


@dag(
    description="Remove a film, a shot or a person everywhere; the dry run only reports.",
    doc_md=__doc__,
    schedule=None,
    max_active_runs=1,
    params=run_params(RemovalRequest, first=REMOVAL_FIRST),
    default_args=TASK_DEFAULTS,
    dagrun_timeout=timedelta(days=7),  # two tasks, three tries each
    tags=["storyboard", "removal"],
)
def remove_everywhere() -> None:
    find_material() >> remove_material()


remove_everywhere()
