"""Which unlabelled photos to label next, and whether labelling them beats labelling at random."""
