"""One trained recipe: its predictions, and their metrics, calibration and files."""
