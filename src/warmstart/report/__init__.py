"""The comparison page and its figures: views of files, inputs of nothing."""
