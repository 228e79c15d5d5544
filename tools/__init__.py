"""Programs that make data of the project; the product does not need them to run."""
