"""Cut paper: outlines, a canvas that layers cut-outs with shadow and grain, and light."""
