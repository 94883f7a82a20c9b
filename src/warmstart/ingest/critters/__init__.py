"""Critters: a procedural dataset of cartoon cat and dog heads with masks of the class evidence.

Each picture depends on ``(seed, index)`` and the size alone, so any number of images can be drawn in any order, by any
number of processes. Ears, muzzle and whiskers tell the class; colour, background, place, pose and eyes do not.
"""

from __future__ import annotations

from warmstart.ingest.critters.draw import CLASSES, Critter, draw
from warmstart.ingest.critters.generate import Block, generate, generate_blocks

__all__ = ["CLASSES", "Block", "Critter", "draw", "generate", "generate_blocks"]
