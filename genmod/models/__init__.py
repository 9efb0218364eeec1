"""Keras models: networks, losses and one training step each."""
