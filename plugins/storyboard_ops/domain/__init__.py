"""Records, errors, settings and names of the product; pydantic is the only dependency."""
