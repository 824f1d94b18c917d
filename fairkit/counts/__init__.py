"""Counts and what follows from them: cells, slices, rates and intervals. This room knows no other."""
