"""Warmstart: train an image classifier from scratch, or start warm from a pretrained network? An answer
with evidence.
"""

__version__ = "0.1.0"
