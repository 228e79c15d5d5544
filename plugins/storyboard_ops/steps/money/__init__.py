"""Claim before every purchase, write the receipt's lines, and gate the cost."""
