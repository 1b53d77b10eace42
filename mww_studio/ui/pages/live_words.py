"""How long the live test has listened, in figures and in words."""

from PySide6.QtCore import QCoreApplication

from mww_studio.ui.pages.results_words import hours_text

_HOUR_S, _MINUTE_S = 3600.0, 60.0


def clock_text(seconds: float) -> str:
    """Such as 01:02:03."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest:02}"


def time_text(seconds: float) -> str:
    """Such as “12 min” or “6.1 hours”."""
    if seconds >= _HOUR_S:
        return hours_text(seconds / _HOUR_S)
    if seconds < _MINUTE_S:
        return QCoreApplication.translate("LivePage", "less than a minute")
    return QCoreApplication.translate("LivePage", "{minutes}\u00a0min").format(minutes=int(seconds // _MINUTE_S))
