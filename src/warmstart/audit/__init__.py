"""What is wrong with the photos of a dataset, from what was measured of them: checks, findings and the page."""
