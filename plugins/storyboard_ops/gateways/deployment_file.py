"""Read what the deployment decides: ``include/deployment.yaml``, and two environment variables."""

from __future__ import annotations

import os

from storyboard_ops.domain.bounded_yaml import read_yaml
from storyboard_ops.domain.deployment import Deployment, WorkspaceRules, parse_deployment
from storyboard_ops.domain.object_keys import Workspace
from storyboard_ops.gateways.include_files import include_yaml

FILE = "deployment.yaml"
#: More workspaces, separated by commas: for containers and for the launcher's own stacks. An upload
#: starts no run there.
WORKSPACES_VARIABLE = "STORYBOARD_WORKSPACES"
#: The section ``gpu`` as YAML, in place of the file's: for the launcher's own stacks.
GPU_VARIABLE = "STORYBOARD_GPU"


def read_deployment() -> Deployment:
    """Return the deployment file, with the workspaces and the GPU of the environment.

    Raises SettingsError when one is malformed, ObjectMissing when the file does not exist.
    """
    deployment = parse_deployment(include_yaml(FILE), f"include/{FILE}")
    named = filter(None, map(str.strip, os.environ.get(WORKSPACES_VARIABLE, "").split(",")))
    added = {str(Workspace.at(uri).root): WorkspaceRules() for uri in named}
    gpu = os.environ.get(GPU_VARIABLE, "")
    together = {
        "workspaces": added | deployment.workspaces,
        "gpu": read_yaml(gpu, GPU_VARIABLE) if gpu else deployment.gpu,
    }
    origin = f"include/{FILE} with {WORKSPACES_VARIABLE} and {GPU_VARIABLE}"
    return parse_deployment(together, origin)
