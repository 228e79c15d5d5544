"""Films: byte ranges, containers, packets and decoded frames."""
