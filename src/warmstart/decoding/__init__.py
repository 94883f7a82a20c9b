"""From the bytes of an image file to its pixels, or a reason in words."""
