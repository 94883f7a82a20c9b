"""What a network has learned, and where it looks."""
