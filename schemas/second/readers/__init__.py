"""What to do with the cases of each vector file: which fields go in, and what must come out."""
