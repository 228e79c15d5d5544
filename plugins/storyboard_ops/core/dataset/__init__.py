"""Cut, compare, caption-check, select, split and lay out the pictures of a dataset."""
