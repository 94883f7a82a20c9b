"""Where images come from. A source lists labelled files; ``prepare`` decodes, splits and documents them."""
