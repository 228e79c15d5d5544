"""Files that outlive a command: where they are, who may use them, and the secrets in them."""
