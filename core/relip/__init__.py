"""relip: make people on film say new words."""

import os

# The engine's matrices are small: on two cores the threads of numpy's linear algebra spun for
# longer than they worked, a sixth of a run's processor time. numpy reads this when it is first
# imported; whoever sets it decides.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
