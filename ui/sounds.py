"""What the pages sound like: tones made here, and prompts that espeak-ng reads from the catalogues.

Everything is rendered once, at set-up, into WAV files (gatepost sounds); the pages only play files, so a
recording of a human voice replaces a prompt by lying in ``screen.voices`` under the same name:

    pass.wav, stop.wav ...        the tones, one for each face, and alert.wav for the staff
    zh_CN/pass.wav ...            the prompt of a face
    zh_CN/EXPIRED.wav ...         what the resident is asked to do for a reason

The tones differ in rhythm and direction, not only in pitch, so that a failing ear can tell them apart: pass
rises, stop falls, fever is three low beats, fault is one long low one.
"""

import array
import io
import math
import shutil
import subprocess
import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from checkpoint.gate.context import Face
from checkpoint.verdict import Reason
from ui.words import LANGUAGES, Language, phrases, please

RATE_HZ: Final = 22_050
_LOUDNESS: Final = 0.5
_FADE_S: Final = 0.012
_SPOKEN_WITHIN_S: Final = 60.0
_VOICES: Final[Mapping[Language, str]] = {"zh_CN": "cmn", "en": "en-gb"}
_WORDS_A_MINUTE: Final[Mapping[Language, int]] = {"zh_CN": 165, "en": 150}

Beat = tuple[float, float]
"""Frequency in Hz, 0 for silence, and duration in seconds."""
TONES: Final[Mapping[str, tuple[Beat, ...]]] = {
    "checking": ((880, 0.07),),
    "pass": ((660, 0.10), (990, 0.22)),
    "stop": ((520, 0.16), (0, 0.05), (390, 0.30)),
    "stop-fever": ((440, 0.18), (0, 0.08), (440, 0.18), (0, 0.08), (440, 0.30)),
    "fault": ((230, 0.60),),
    "alert": ((784, 0.12), (0, 0.04), (784, 0.12), (0, 0.04), (1047, 0.30)),
}


class NoVoice(Exception):
    """The prompts cannot be read; the message says what is missing."""


def tone(beats: tuple[Beat, ...]) -> bytes:
    """Soft sine beats as a mono 16-bit WAV."""
    samples = array.array("h")
    for frequency, seconds in beats:
        count, fade = round(seconds * RATE_HZ), round(_FADE_S * RATE_HZ)
        for n in range(count):
            envelope = min(1.0, n / fade, (count - n) / fade)
            level = math.sin(2 * math.pi * frequency * n / RATE_HZ)
            samples.append(round(32_767 * _LOUDNESS * envelope * level))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(samples.tobytes())
    return file.getvalue()


def prompts(language: Language) -> dict[str, str]:
    """What is said, by the name of its file."""
    faces = phrases("Face.voice", language)
    return {
        **{face.value: faces[face.name] for face in Face},
        **{reason.name: please(reason, language) for reason in Reason},
    }


def render(folder: Path) -> int:
    """Write every tone and prompt; returns how many files. Raises NoVoice where espeak-ng is missing or fails."""
    if shutil.which("espeak-ng") is None:
        raise NoVoice("espeak-ng is not installed: apt-get install espeak-ng")
    folder.mkdir(parents=True, exist_ok=True)
    for name, beats in TONES.items():
        (folder / f"{name}.wav").write_bytes(tone(beats))
    count = len(TONES)
    for language in LANGUAGES:
        (folder / language).mkdir(exist_ok=True)
        for name, text in prompts(language).items():
            _speak(text, language, folder / language / f"{name}.wav")
            count += 1
    return count


def _speak(text: str, language: Language, path: Path) -> None:
    speed = str(_WORDS_A_MINUTE[language])
    command = ["espeak-ng", "-v", _VOICES[language], "-s", speed, "-w", str(path), "--", text]
    try:
        done = subprocess.run(
            command, capture_output=True, check=False, text=True, timeout=_SPOKEN_WITHIN_S
        )
    except subprocess.TimeoutExpired:
        raise NoVoice(f"espeak-ng has not spoken {text!r} in {_SPOKEN_WITHIN_S:.0f} s") from None
    if done.returncode != 0 or not path.exists():
        raise NoVoice(f"espeak-ng: {done.stderr.strip() or done.returncode}")
