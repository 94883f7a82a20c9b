"""From photos on disk to decoded, split, documented arrays."""
