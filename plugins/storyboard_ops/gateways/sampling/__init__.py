"""Read films: byte ranges, containers, packets and decoded frames."""
