"""What long work said, for tests to look at."""

from mww_studio.progress import Progress


class Log(Progress):
    """Keeps all that is said."""

    def __init__(self):
        self.said = []

    def log(self, text):
        self.said.append(text)
