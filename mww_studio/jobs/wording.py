"""Numbers in sentences."""


def counted(count: int, one: str, many: str = "") -> str:
    """``1 take``, ``2 takes``; ``many`` is the plural where it is not made with an s."""
    return f"{count} {one if count == 1 else many or one + 's'}"
