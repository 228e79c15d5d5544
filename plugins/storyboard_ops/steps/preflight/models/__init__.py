"""Check the models that answer about pictures and scripts, and that requests fit them."""
