"""TensorFlow: the MixedNet model and how it is trained. Loaded in a worker process only."""
