"""One module per service. Each exposes `OPERATIONS`, from AWS operation name to handler."""
