"""What is wrong with the photos, before anything is trained on them: checks, what they mean, and a page of their own."""
