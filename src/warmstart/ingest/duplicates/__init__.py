"""Photos that are there more than once: exact copies by their bytes, near ones by perceptual hash and then by their
pixels.
"""
