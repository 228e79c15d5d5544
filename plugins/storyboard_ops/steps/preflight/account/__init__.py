"""Check the account of a run: its workspace and key, rights, roles and places for heavy tasks."""
