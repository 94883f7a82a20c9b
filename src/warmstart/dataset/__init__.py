"""What every stage reads: prepared images, preprocessing, batches and augmentation."""
