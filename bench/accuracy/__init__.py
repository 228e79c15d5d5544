"""How right detections and crops are, by ground truth."""
