"""Words of captions and prompts in any script."""
