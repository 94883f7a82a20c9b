"""Class activation maps: where the evidence for a class lies, for single images and on average."""
