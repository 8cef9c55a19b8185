"""What engines that draw mouths with a network have in common."""
