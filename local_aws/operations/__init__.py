"""What the handlers of all services share: context, paging, idempotency and role trust."""
