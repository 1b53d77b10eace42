"""Sound in: files, trimming and quality. No Qt, no TensorFlow."""
