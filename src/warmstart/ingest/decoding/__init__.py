"""Decoding and measuring many photos, in worker processes that a bad file cannot bring down."""
