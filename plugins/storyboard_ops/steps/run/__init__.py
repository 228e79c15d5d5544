"""What all steps share: the tool box, manifests, short waits, the workspace's tombstones."""
