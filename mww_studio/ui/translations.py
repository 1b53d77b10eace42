"""The languages of the window: English, in which it is written, and those whose words lie beside it."""

from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from mww_studio.resources import resource


def languages() -> list[str]:
    """The codes of the languages that the window speaks."""
    return ["en", *sorted(file.stem for file in _folder().glob("*.qm"))]


def translate(application: QApplication, language: str) -> None:
    """Speak ``language``, or the system's if it is empty, where its words are there."""
    locale = QLocale(language) if language else QLocale.system()
    name = locale.bcp47Name().partition("-")[0]
    if name == "en" or name not in languages():
        return
    QLocale.setDefault(locale)
    qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for folder, file in ((str(_folder()), name), (qt, f"qtbase_{name}")):
        translator = QTranslator(application)
        if translator.load(file, folder):
            application.installTranslator(translator)


def language_name(code: str) -> str:
    """The name of a language in itself, such as English for en."""
    locale = QLocale(code)
    name = "English" if locale.language() is QLocale.Language.English else locale.nativeLanguageName()
    return name[:1].upper() + name[1:] if name else code


def _folder() -> Path:
    return resource("translations")
