"""TensorFlow: the compiled training loop, the trainer process and the export of its results."""

import os
import sys

# Read when TensorFlow is first imported. Lets XLA run independent small matrix products (the two gradients
# of a layer) side by side: a twentieth to a tenth faster on two cores.
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_enable_concurrency_optimized_scheduler=true")

# Keras imports these two where they are installed, for wrappers that no training uses: a second and 60 MB. They are
# there for `genmod.inference.mixture_fit` alone; a trainer takes them for not installed.
for _name in ("sklearn", "scipy"):
    sys.modules.setdefault(_name, None)  # type: ignore[arg-type]
