"""A small flow model of this project, which trains and draws on a CPU within minutes."""
