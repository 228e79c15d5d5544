"""A season of films through the steps that hold all rows of a run: memory and cost per film."""
