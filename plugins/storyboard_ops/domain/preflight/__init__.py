"""Report of the checks before anything is paid."""
