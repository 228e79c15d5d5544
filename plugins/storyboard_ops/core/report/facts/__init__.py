"""Everything that the report shows, as one record; of many rows only numbers and examples."""
