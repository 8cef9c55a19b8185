"""``relip models``: networks that are not shipped, on the user's own word."""
