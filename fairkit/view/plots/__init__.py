"""Plots: pictures of rates, gaps, curves and examples by group, each with the numbers that it shows."""
