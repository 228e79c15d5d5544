"""How much drawn pictures are like held-out pictures of the film."""
