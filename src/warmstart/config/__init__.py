"""What may be configured, and what each stage may read."""
