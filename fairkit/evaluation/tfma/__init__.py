"""TensorFlow Model Analysis, both ways: its configs and results read and written, and its pipeline run."""
