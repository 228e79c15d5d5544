"""Which Bedrock model an identifier stands for, and which identifier a run calls it by."""
