"""What the stages read from outside the checkout, as listings with content digests that DVC can watch."""
