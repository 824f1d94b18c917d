"""Predictions in Parquet files and TFRecords, read part by part."""
