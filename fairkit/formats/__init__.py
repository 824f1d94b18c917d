"""Files as they stand on disk: which they are, of which kind, compressed or not; TFRecords and tf.Examples."""
