"""TensorFlow: the compiled training loop, the trainer process and the export of its results."""
