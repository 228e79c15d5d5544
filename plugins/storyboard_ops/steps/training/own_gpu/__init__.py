"""Train and draw on a studio's own machine with a GPU."""
