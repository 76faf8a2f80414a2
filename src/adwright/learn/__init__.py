"""Learning to write: augmentation, fine-tuning and training of the writers."""
