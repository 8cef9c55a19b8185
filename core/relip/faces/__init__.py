"""Who is in the picture, where, and when."""
