"""TensorFlow: the compiled training loop, the trainer process and the export of its results."""

import os

# Read when TensorFlow is first imported. Lets XLA run independent small matrix products (the two gradients
# of a layer) side by side: a twentieth to a tenth faster on two cores.
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_enable_concurrency_optimized_scheduler=true")
