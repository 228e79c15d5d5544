"""Records of models, capacity and retraining."""
