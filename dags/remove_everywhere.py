"""
### Remove this film, this shot or this person everywhere

Finds everything in a workspace that descends from it, by lineage: frames, detections and paid
answers of the library, crops, captions, reviews with their answers, datasets in every layout,
storyboards by models that were trained on it, pages that show it. Deletes the objects, takes the
rows out of manifests, makes pages anew, and writes `removals/{id}.html`: what was deleted and
rewritten, and which models were trained on it. `removed.json` keeps later runs from bringing it
back. A dry run, which is the default, only tells what would happen.
"""

from __future__ import annotations

from airflow.sdk import dag

from storyboard_ops.airflow_ops.dag_params import run_params
from storyboard_ops.airflow_ops.task_bridge import TASK_DEFAULTS
from storyboard_ops.airflow_ops.tasks.removal import find_material, remove_material
from storyboard_ops.domain.removal.removal_records import RemovalRequest


@dag(
    doc_md=__doc__,
    schedule=None,
    max_active_runs=1,
    params=run_params(RemovalRequest),
    default_args=TASK_DEFAULTS,
    tags=["storyboard"],
)
def remove_everywhere():
    find_material() >> remove_material()


remove_everywhere()
