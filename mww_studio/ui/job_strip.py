"""The strip at the window's lower edge: what runs, how far it is, and how it ended; on every page."""

from PySide6.QtCore import QPoint, QRectF, QTimer, Signal
from PySide6.QtGui import QAction, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from mww_studio.services.job_thread import JobState
from mww_studio.services.jobs import Job, JobList
from mww_studio.ui import job_words
from mww_studio.ui.icons import STATES, Icon, state_colour
from mww_studio.ui.kit.bars import Progress
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.kit.toast import announce
from mww_studio.ui.theme import Theme

_REFRESH_MS = 1000
_DONE_SHOWN_MS = 10_000
_ANNOUNCED = (25, 50, 75, 100)


class JobStrip(QWidget):
    """Shows the newest job in the foreground; ``show_page`` asks for the page of a job, with an argument for it."""

    show_page = Signal(str, str)

    def __init__(self, jobs: JobList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self._jobs = jobs
        self._ended: Job | None = None
        self._closing = False
        self._page = ""
        self._microphone_name = ""
        self._announced = 0
        self.setAccessibleName(self.tr("Background work"))
        self.setFixedHeight(u(12))
        row = QHBoxLayout(self)
        row.setContentsMargins(u(4), u(1.5), u(4), u(1.5))
        row.setSpacing(u(3))
        self._icon = Icon("circle-check", "ok", u(5))
        self._title = Label(role="strong")
        self._bar = Progress()
        self._bar.setMaximumWidth(u(60))
        self._text = Label()
        self._microphone = Caption()
        self._more = Button(kind="quiet")
        self._show = Button(kind="quiet")
        self._pause = Button(icon="pause")
        self._cancel = Button(icon="x")
        row.addWidget(self._icon)
        row.addWidget(self._title)
        row.addWidget(self._bar, 1)
        row.addWidget(self._text)
        row.addStretch(1)
        for widget in (self._microphone, self._more, self._show, self._pause, self._cancel):
            row.addWidget(widget)
        self._more.clicked.connect(self._list_others)
        self._show.clicked.connect(self._show_job)
        self._pause.clicked.connect(self.pause_or_go_on)
        self._cancel.clicked.connect(self._cancel_job)
        self._menu = QMenu(self)
        self._menu.triggered.connect(self._show_other)
        self._calm = QTimer(self)  # between two looks at a running job; every change of state shows at once
        self._calm.setSingleShot(True)
        self._calm.setInterval(_REFRESH_MS)
        self._calm.timeout.connect(self.refresh)
        self._leave = QTimer(self)
        self._leave.setSingleShot(True)
        self._leave.setInterval(_DONE_SHOWN_MS)
        self._leave.timeout.connect(self._forget_ended)
        self._shown_state: tuple[Job | None, JobState | None, int] = (None, None, 0)
        jobs.changed.connect(self._on_change)
        jobs.ended.connect(self._on_end)
        self.refresh()

    @property
    def job(self) -> Job | None:
        """The job that is shown."""
        return self._jobs.shown

    def set_page(self, key: str) -> None:
        """Say which page is shown: on a job's own page its buttons are there, not here."""
        self._page = key
        if self._ended is not None and job_words.page_of(self._ended) == key:
            self._ended = None
        self.refresh()

    def set_microphone(self, name: str) -> None:
        """The microphone's name, shown while nothing runs."""
        self._microphone_name = name
        self.refresh()

    def set_closing(self, closing: bool) -> None:
        """The window closes as soon as all is done."""
        self._closing = closing
        self.refresh()

    def first_control(self) -> QWidget | None:
        """The control that F6 leads to."""
        return next((b for b in (self._more, self._show, self._pause, self._cancel) if b.isVisible()), None)

    def pause_or_go_on(self) -> None:
        """Let the shown job rest, or go on."""
        job = self.job
        if job is not None and job.state is JobState.RUNNING:
            job.pause()
        elif job is not None and job.state in (JobState.PAUSING, JobState.PAUSED):
            job.go_on()

    def refresh(self) -> None:
        """Show everything as it is now."""
        job = self._jobs.shown
        if job is not None:
            self._show_running(job)
        elif self._ended is not None:
            self._show_ended(self._ended)
        else:
            self._show_idle()
        others = len([other for other in self._jobs.busy() if other.foreground and other is not job])
        self._more.setVisible(job is not None and others > 0)
        self._more.setText(self.tr("%Ln more", "", others) if others != 1 else self.tr("1 more"))
        self._more.setAccessibleName(self.tr("Show all background work"))
        self._shown_state = (job, job.state if job else None, others)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click puts a finished job's message away."""
        super().mousePressEvent(event)
        if self._ended is not None and self._ended.state is not JobState.FAILED:
            self._forget_ended()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw ground and upper line."""
        painter, colours = QPainter(self), Theme.current().tokens
        painter.fillRect(self.rect(), colours.surface)
        painter.fillRect(QRectF(0, 0, self.width(), 1), colours.line)

    def _show_running(self, job: Job) -> None:
        own = job_words.page_of(job) == self._page
        stopping = job.state is JobState.STOPPING
        self._icon.set_icon(job_words.icon_of(job), "accent")
        self._title.setText(job.title)
        self._title.show()
        self._bar.show()
        self._bar.set_fraction(job.fraction)
        text = job_words.state_text(job, closing=self._closing)
        self._text.setText(text)
        self._bar.setAccessibleName(job_words.spoken(job))
        self._microphone.hide()
        self._set_button(self._show, self.tr("Show"), self.tr("Show {job}"), job, shown=not own)
        resting = job.state in (JobState.PAUSING, JobState.PAUSED)
        pause = self.tr("Go on") if resting else self.tr("Pause")
        pause_name = self.tr("Go on with {job}") if resting else self.tr("Pause {job}")
        can_rest = resting or (job.can_rest and job.state is JobState.RUNNING)
        self._pause.set_icon("play" if resting else "pause")
        self._set_button(self._pause, pause, pause_name, job, shown=not own and can_rest)
        self._set_button(self._cancel, self.tr("Cancel"), self.tr("Cancel {job}"), job, shown=not own)
        self._cancel.setEnabled(not stopping)

    def _show_ended(self, job: Job) -> None:
        ending = job_words.ending(job)
        self._icon.set_icon(STATES[ending.state], state_colour(ending.state))
        self._title.hide()
        self._bar.hide()
        self._text.setText(ending.text)
        self._set_button(self._show, ending.button, ending.button, job, shown=bool(ending.button))
        for widget in (self._pause, self._cancel, self._microphone):
            widget.hide()

    def _show_idle(self) -> None:
        self._icon.set_icon("circle-check", "ok")
        self._title.hide()
        self._bar.hide()
        self._text.setText(self.tr("Everything is saved. Nothing is running."))
        self._microphone.setText(self._microphone_name)
        self._microphone.setVisible(bool(self._microphone_name))
        for button in (self._show, self._pause, self._cancel):
            button.hide()

    def _set_button(self, button: Button, text: str, name: str, job: Job, *, shown: bool) -> None:
        button.setText(text)
        button.setAccessibleName(name.format(job=job.title))
        button.setVisible(shown)

    def _on_change(self) -> None:
        job = self._jobs.shown
        others = len([other for other in self._jobs.busy() if other.foreground and other is not job])
        if (job, job.state if job else None, others) != self._shown_state:
            if job is not None and job is not self._shown_state[0]:
                self._announced = 0
                self._ended = None
            self.refresh()
        elif not self._calm.isActive():
            self._calm.start()
        self._announce(job)

    def _announce(self, job: Job | None) -> None:
        percent = round(100 * (job.fraction or 0)) if job is not None else 0
        passed = max((step for step in _ANNOUNCED if step <= percent), default=0)
        if job is not None and passed > self._announced:
            self._announced = passed
            announce(self, job_words.spoken(job))

    def _on_end(self, job: Job) -> None:
        if not job.foreground:
            return
        if job.state is JobState.CANCELLED or job_words.page_of(job) == self._page:
            self._ended = None
        else:
            self._ended = job
            self._leave.stop()
            if job.state is JobState.DONE:
                self._leave.start()
        announce(self, job_words.ending(job).text, at_once=job.state is JobState.FAILED)
        self.refresh()

    def _forget_ended(self) -> None:
        self._ended = None
        self.refresh()

    def _show_job(self) -> None:
        job = self.job or self._ended
        if job is not None:
            ended = job is self._ended
            self._ended = None
            page = job_words.ending(job).page if ended else job_words.page_of(job)
            self.show_page.emit(page, job.subject)
            self.refresh()

    def _cancel_job(self) -> None:
        if self.job is not None:
            self.job.cancel()

    def _list_others(self) -> None:
        self._menu.clear()
        for job in self._jobs.busy():
            if job.foreground:
                action = self._menu.addAction(job_words.spoken(job))
                action.setData(job_words.page_of(job))
        self._menu.popup(self._more.mapToGlobal(QPoint(0, -self._menu.sizeHint().height())))

    def _show_other(self, action: QAction) -> None:
        self.show_page.emit(action.data(), "")
