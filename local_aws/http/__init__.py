"""HTTP messages free of any server's types, and the server that passes them on."""
