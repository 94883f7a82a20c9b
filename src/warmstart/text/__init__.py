"""Text and numbers as people read them."""
