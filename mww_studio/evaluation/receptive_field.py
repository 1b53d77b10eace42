"""How far back a streaming model listens."""

from collections.abc import Mapping

from mww_studio.evaluation.int8_graph import Graph, Join, Series, Window

_Span = tuple[int, int]


def receptive_frames(graph: Graph) -> int:
    """How many feature frames one probability depends on, from the oldest to the newest."""
    spans: dict[int, _Span] = {}
    for layer in graph.layers:
        windows = layer.windows if isinstance(layer, Join) else (layer.window,)
        found = [_span(window, graph.source, spans) for window in windows]
        spans[id(layer.output)] = min(first for first, _ in found), max(last for _, last in found)
    first, last = spans[id(graph.last)]
    return int(last - first) + 1


def _span(window: Window, source: Series, spans: Mapping[int, _Span]) -> _Span:
    """The oldest and the newest frame of the source that a layer sees, counted from the first of the newest step."""
    first, last = window.first_frame, window.first_frame + window.frames - 1
    if window.series is source:
        return first, last
    oldest, newest = spans[id(window.series)]  # of what is made in a step, which is one frame
    return oldest + first * source.frames, newest + last * source.frames
