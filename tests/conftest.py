"""What holds for every test: no window on anybody's screen, and nobody's settings."""

import os

# Before any test imports Qt or TensorFlow, which read these once.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
