"""Class activation maps: where the evidence for a class lies, drawn for examples and summed up for a class."""
