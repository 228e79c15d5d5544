"""Parameters of a run, validated once: bounds, defaults and the text of the form."""
