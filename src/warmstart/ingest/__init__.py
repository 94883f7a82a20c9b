"""From photos on disk to a dataset: sources, fetching, duplicates, splitting, and the embedded critters. No torch."""
