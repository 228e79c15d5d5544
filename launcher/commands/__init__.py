"""What a person can type: each command opens the account or the stack it needs, then acts."""
