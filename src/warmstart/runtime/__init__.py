"""The process around the work: the preloaded process that stages are forked from."""
