"""Drawing panels with a trained model, candidate by candidate."""
