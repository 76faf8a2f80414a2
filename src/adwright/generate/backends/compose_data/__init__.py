"""What the composer writes with: sentence patterns, kinds of goods and their names."""
