"""Loading a packaged model to serve it."""
