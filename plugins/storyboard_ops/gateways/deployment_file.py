"""Read what the deployment decides: ``include/deployment.yaml``, and one environment variable."""

from __future__ import annotations

import os

from storyboard_ops.domain.deployment import Deployment, WorkspaceRules, parse_deployment
from storyboard_ops.domain.object_keys import Workspace
from storyboard_ops.gateways.include_files import include_yaml

FILE = "deployment.yaml"
#: More workspaces, separated by commas: for containers and for the launcher's own stacks. An upload
#: starts no run there.
WORKSPACES_VARIABLE = "STORYBOARD_WORKSPACES"


def read_deployment() -> Deployment:
    """Return the deployment file, with the workspaces of the environment.

    Raises SettingsError when either is malformed, ObjectMissing when the file does not exist.
    """
    deployment = parse_deployment(include_yaml(FILE), f"include/{FILE}")
    named = filter(None, map(str.strip, os.environ.get(WORKSPACES_VARIABLE, "").split(",")))
    added = {str(Workspace.at(uri).root): WorkspaceRules() for uri in named}
    together = {"workspaces": added | deployment.workspaces}
    return parse_deployment(together, f"include/{FILE} with {WORKSPACES_VARIABLE}")
