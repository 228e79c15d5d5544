"""What the handlers of all services share: the context of a call, paging, tokens, role trust."""
