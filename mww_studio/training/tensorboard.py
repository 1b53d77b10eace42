"""Figures of a training as event files that TensorBoard reads. TensorBoard itself need not be installed."""

from collections.abc import Mapping
from pathlib import Path

import tensorflow as tf
from tensorflow.core.framework import summary_pb2

# What tf.summary.scalar would write; that function comes with TensorBoard.
_SCALAR = summary_pb2.SummaryMetadata(
    plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name="scalars"),
    data_class=summary_pb2.DATA_CLASS_SCALAR,
)


class EventFiles:
    """Writes one event file into a folder."""

    def __init__(self, folder: Path) -> None:
        self._writer = tf.summary.create_file_writer(str(folder))

    def write(self, step: int, figures: Mapping[str, float]) -> None:
        """Write the figures of one step."""
        with self._writer.as_default(step):
            for name, value in figures.items():
                tf.summary.write(name, tf.constant(value, tf.float32), metadata=_SCALAR)

    def flush(self) -> None:
        """Make what was written visible."""
        self._writer.flush()
