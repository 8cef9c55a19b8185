"""Ways to draw a mouth."""
