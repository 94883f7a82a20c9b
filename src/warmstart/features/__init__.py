"""A frozen backbone's output, computed once and kept on disk."""
