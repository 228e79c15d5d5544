"""What the product talks about: records, errors, settings, names.

Standard library and pydantic only.
"""
