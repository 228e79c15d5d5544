"""What surrounds the resources of an account: settings, clock, quotas, faults, prices and bill."""
