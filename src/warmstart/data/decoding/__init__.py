"""From the bytes of a file to pixels and facts, in worker processes that a bad file cannot bring down."""
