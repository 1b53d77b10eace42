"""The order in which Tab goes through what is shown."""

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QWidget


def tab_as_read(whole: QWidget) -> None:
    """Let Tab go through all inside as its layouts place it; otherwise what was added last would be reached last."""
    layout = whole.layout()
    controls = list(_controls(layout)) if layout is not None else []
    if len(controls) < 2:
        return
    first, known = whole.nextInFocusChain(), set(controls)
    while first is not None and first not in known:
        first = first.nextInFocusChain()
    if first is not None and first is not controls[0]:
        QWidget.setTabOrder(first, controls[0])  # so the whole keeps its place among what is around it
    for one, other in pairwise(controls):
        QWidget.setTabOrder(one, other)


def _controls(layout: QLayout) -> Iterator[QWidget]:
    for index in range(layout.count()):
        item = layout.itemAt(index)
        widget = item.widget() if item is not None else None
        inner = widget.layout() if widget is not None else item.layout() if item is not None else None
        if inner is not None:
            yield from _controls(inner)
        elif widget is not None and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            yield widget
