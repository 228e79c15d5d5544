"""One function per task: read a manifest, do the work, write a manifest."""
