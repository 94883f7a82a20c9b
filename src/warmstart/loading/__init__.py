"""From prepared images to batches on their way to a network."""
