"""The account that the endpoint simulates: settings, clock, quotas, faults, prices and bill."""
