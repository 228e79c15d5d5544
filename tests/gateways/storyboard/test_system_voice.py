"""The system's voice, played by a program that is found on the path."""

import stat
import sys

import numpy as np
import pytest

from storyboard_ops.gateways.storyboard import system_voice
from storyboard_ops.gateways.storyboard.animatic_file import SAMPLE_RATE
from storyboard_ops.gateways.storyboard.system_voice import find_voice

#: Says half a second of a tone into the file after -w or -o, and notes its arguments and its text.
SPEAKER = f"""#!{sys.executable}
import sys, wave, pathlib
arguments = sys.argv[1:]
text = sys.stdin.buffer.read()
target = next(arguments[i + 1] for i, one in enumerate(arguments) if one in ("-w", "-o"))
pathlib.Path(__file__).with_suffix(".said").write_bytes(" ".join(arguments).encode() + b"|" + text)
with wave.open(target, "wb") as file:
    file.setnchannels(1); file.setsampwidth(2); file.setframerate(22050)
    file.writeframes(b"\\x00\\x30\\x00\\xd0" * 5512)
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    def put(name, body=SPEAKER):
        program = tmp_path / name
        program.write_text(body)
        program.chmod(program.stat().st_mode | stat.S_IEXEC)
        return program

    return put


def test_a_system_without_a_voice_has_none(install):
    assert find_voice() is None


@pytest.mark.parametrize("name", ["espeak-ng", "say"])
def test_a_speech_is_samples_at_the_rate_of_the_film(install, name):
    program = install(name)
    voice = find_voice()
    assert voice is not None
    samples = voice.speak('-w /etc/passwd "quoted" & more')
    assert samples.dtype == np.int16
    assert len(samples) == pytest.approx(SAMPLE_RATE / 2, abs=64)
    assert np.abs(samples).max() > 8_000
    arguments, _, text = program.with_suffix(".said").read_bytes().partition(b"|")
    assert b"passwd" not in arguments  # what is said is no option
    assert text == b'-w /etc/passwd "quoted" & more'


@pytest.mark.parametrize(
    ("text", "voice"),
    [
        ("Now!", "en"),
        ("灯りを消さないで", "ja"),
        ("不要关灯", "cmn"),
        ("불을 끄지 마", "ko"),
        ("Не гаси", "ru"),
        ("Μη σβήσεις", "el"),
        ("لا تطفئ", "ar"),
        ("אל תכבה", "he"),
        ("मत बुझाओ", "hi"),
    ],
)
def test_espeak_gets_the_voice_of_the_letters(install, text, voice):
    program = install("espeak-ng")
    found = find_voice()
    assert found is not None
    found.speak(text)
    assert program.with_suffix(".said").read_bytes().startswith(f"-v {voice} -w ".encode())


@pytest.mark.parametrize(
    "body",
    [
        f"#!{sys.executable}\nimport sys; sys.exit(3)\n",
        f"#!{sys.executable}\nimport sys, time; time.sleep(60)\n",
        f"#!{sys.executable}\nimport sys; open(sys.argv[4], 'wb').write(b'no sound')\n",
        "#!/nonexistent/program\n",
    ],
    ids=["fails", "hangs", "writes nonsense", "cannot start"],
)
def test_a_broken_voice_is_silent_and_not_asked_again(install, monkeypatch, body, caplog):
    monkeypatch.setattr(system_voice, "MOST_SECONDS", 0.5)
    program = install("espeak-ng", body)
    voice = find_voice()
    assert voice is not None
    assert len(voice.speak("One")) == 0
    assert "The animatic has no more voice, for espeak-ng failed" in caplog.text
    program.write_text(SPEAKER)
    assert len(voice.speak("Two")) == 0


def test_nothing_to_say_starts_nothing(install):
    program = install("espeak-ng")
    voice = find_voice()
    assert voice is not None
    assert len(voice.speak(" \n ")) == 0
    assert not program.with_suffix(".said").exists()
