"""Many recipes: their table, the verdict between them, doubtful labels and the report page."""
