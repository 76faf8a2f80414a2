"""Tables larger than memory: read in batches, learned from batch by batch, scored batch by batch."""
