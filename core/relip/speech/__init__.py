"""What is said, over time, as a mouth would need to know it."""
