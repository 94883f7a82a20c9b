"""What a kept network is worth, with intervals."""
