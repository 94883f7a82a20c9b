"""Many recipes side by side: table, verdict, advice, doubtful labels and the report."""
