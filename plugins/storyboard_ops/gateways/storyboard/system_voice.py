"""Scratch dialogue by the voice of the system, where it has one: eSpeak NG, or macOS's ``say``."""

from __future__ import annotations

import logging
import shutil
import subprocess
import tempfile
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.error import FFmpegError
from numpy.typing import NDArray

from storyboard_ops.gateways.storyboard.animatic_file import SAMPLE_RATE

log = logging.getLogger(__name__)

#: Seconds that one speech may take to be spoken into a file, and letters of it that are spoken.
MOST_SECONDS, MOST_LETTERS = 10, 600
SILENCE: NDArray[np.int16] = np.zeros(0, np.int16)

#: eSpeak's voice by the beginning of a letter's name in Unicode.
_VOICES = {
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "cmn",
    "HANGUL": "ko",
    "CYRILLIC": "ru",
    "GREEK": "el",
    "ARABIC": "ar",
    "HEBREW": "he",
    "DEVANAGARI": "hi",
}


def _espeak(program: str, text: str, file: Path) -> list[str]:
    return [program, "-v", _voice_for(text), "-w", str(file), "--stdin"]


def _say(program: str, text: str, file: Path) -> list[str]:
    return [program, "-o", str(file), "--data-format=LEI16@22050", "-f", "-"]


_PROGRAMS: dict[str, Callable[[str, str, Path], list[str]]] = {
    "espeak-ng": _espeak,
    "say": _say,
}


@dataclass
class SystemVoice:
    """Speaks; after its first failure it is silent, so that a broken one costs no more time."""

    name: str
    program: str
    broken: bool = False

    def speak(self, text: str) -> NDArray[np.int16]:
        """Return a text as mono samples at SAMPLE_RATE; none where the program does not manage."""
        if self.broken or not text.strip():
            return SILENCE
        with tempfile.TemporaryDirectory(prefix="storyboard-voice-") as folder:
            file = Path(folder) / "speech.wav"
            command = _PROGRAMS[self.name](self.program, text, file)
            try:
                subprocess.run(
                    command,
                    input=text[:MOST_LETTERS].encode(),
                    capture_output=True,
                    timeout=MOST_SECONDS,
                    check=True,
                )
                return _read_samples(file)
            except (OSError, subprocess.SubprocessError, FFmpegError) as error:
                log.warning("The animatic has no more voice, for %s failed: %s", self.name, error)
                self.broken = True
                return SILENCE


def find_voice() -> SystemVoice | None:
    """Return the voice of this system; None where it has none."""
    found = ((name, shutil.which(name)) for name in _PROGRAMS)
    return next((SystemVoice(name, program) for name, program in found if program), None)


def _voice_for(text: str) -> str:
    """Return the voice of the first letters that are not Latin; kana decide for Japanese."""
    scripts = [unicodedata.name(letter, "").partition(" ")[0] for letter in text[:MOST_LETTERS]]
    voices = [_VOICES[script] for script in scripts if script in _VOICES]
    return "ja" if "ja" in voices else next(iter(voices), "en")


def _read_samples(file: Path) -> NDArray[np.int16]:
    resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    with av.open(str(file)) as sound:
        frames = [made for one in sound.decode(audio=0) for made in resampler.resample(one)]
    frames += resampler.resample(None)
    parts = [frame.to_ndarray()[0] for frame in frames]
    return np.concatenate(parts).astype(np.int16) if parts else SILENCE
