"""Records of prices, purchases, leases and receipts."""
