"""Read screenplays: Fountain, Final Draft and plain text become elements, scenes and panels."""
