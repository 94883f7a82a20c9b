"""Reading and writing files so that nothing is ever left half-written."""
