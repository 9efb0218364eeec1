"""The classifier whose features and probabilities measure generated images."""

from __future__ import annotations

from typing import ClassVar

import keras
import numpy as np
from keras import ops

FEATURES = 64


class Classifier(keras.Model):
    """Two convolutions and two dense layers; its 64 features stand before the last of them.

    Small on purpose: it has to look at 10,000 images in a second or two, and to be shipped.
    """

    metric_names: ClassVar = ("loss", "accuracy")

    def __init__(
        self, image_shape: tuple[int, int, int], classes: int, total_steps: int, learning_rate: float, seed: int
    ) -> None:
        super().__init__(name="classifier")
        first, second, third, fourth, fifth = (100 * seed + number for number in (1, 2, 3, 5, 9))  # one a layer
        images = keras.Input(image_shape, name="images")
        hidden = images
        for number, (filters, own) in enumerate(((16, first), (32, second)), 1):
            hidden = keras.layers.Conv2D(
                filters, 3, activation="relu", kernel_initializer=_uniform(own), name=f"convolution_{number}"
            )(hidden)
            hidden = keras.layers.MaxPooling2D(name=f"pool_{number}")(hidden)
        hidden = keras.layers.Flatten(name="flatten")(hidden)
        hidden = keras.layers.Dropout(0.4, seed=fourth, name="dropout")(hidden)
        features = keras.layers.Dense(FEATURES, activation="relu", kernel_initializer=_uniform(third), name="features")(
            hidden
        )
        logits = keras.layers.Dense(classes, kernel_initializer=_uniform(fifth), name="logits")(features)
        probabilities = keras.layers.Softmax(name="probabilities")(logits)
        self.logits = keras.Model(images, logits, name="logits")
        self.network = keras.Model(images, [features, probabilities], name="judge")
        schedule = keras.optimizers.schedules.CosineDecay(np.float32(learning_rate), total_steps)
        self.compile(optimizer=keras.optimizers.Adam(schedule))
        self.built = True
        self.optimizer.build(self.trainable_variables)

    def call(self, images: keras.KerasTensor) -> list[keras.KerasTensor]:
        """Features (n, 64) and class probabilities (n, 10) of images (n, 28, 28, 1) in [0, 1]."""
        found: list[keras.KerasTensor] = self.network(images, training=False)
        return found

    def train_step(self, images: keras.KerasTensor, labels: keras.KerasTensor) -> dict[str, keras.KerasTensor]:
        """One step on images (n, 28, 28, 1) in [0, 1] with labels (n,); returns the means over the batch."""
        import tensorflow as tf  # Keras has no gradient of its own; this is the backend's.

        with tf.GradientTape() as tape:
            logits = self.logits(images, training=True)
            losses = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
            loss = ops.mean(losses)
        self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
        right = ops.equal(ops.argmax(logits, axis=-1), ops.cast(labels, "int32"))
        return {"loss": loss, "accuracy": ops.mean(ops.cast(right, "float32"))}


def _uniform(seed: int) -> keras.initializers.Initializer:
    return keras.initializers.GlorotUniform(seed=seed)
