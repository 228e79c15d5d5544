"""Read an editor's cut of a board, and give its panels the lengths that they have there."""
