"""Results as files, and the tables that show them."""
