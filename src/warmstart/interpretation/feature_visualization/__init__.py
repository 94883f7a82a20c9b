"""What each filter looks for: pictures that excite it, made by gradient ascent, beside the photos that do."""
