"""AWS for the launcher: its local endpoint, clients, and the set-up of an account."""
