"""Many remediations side by side: planned, trained in processes, measured on a validation split, and chosen from."""
