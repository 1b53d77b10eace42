"""The engines that turn text into speech, found at run time. All of them run in processes of their own.

Kokoro (natural, any language through its phonemes) and Piper (natural) come by pip, with more voices to download;
espeak-ng, flite and the voices of macOS and Windows are used where the system has them.
"""

from sys import platform

from mww_studio.corpus.voice_kokoro import Kokoro
from mww_studio.corpus.voice_piper import Piper
from mww_studio.corpus.voice_programs import Espeak, Flite, Say
from mww_studio.corpus.voice_sapi import Sapi
from mww_studio.corpus.voices import Engine


def engines() -> list[Engine]:
    """Every engine that can be had on this system, installed or not, the most natural first."""
    own: list[Engine] = []
    if platform == "darwin":
        own.append(Say())
    if platform == "win32":
        own.append(Sapi())
    return [Kokoro(), Piper(), *own, Flite(), Espeak()]
