"""One call to the outside, converted to a domain record and back."""
