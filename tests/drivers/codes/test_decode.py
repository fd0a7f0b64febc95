import os
import random
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import base45
import cv2
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from checkpoint.entry_pass import PREFIX, Claims, Kind, issue_pass, key_id
from checkpoint.ids import CompoundId, PersonId
from drivers.codes.reader import QrReader
from gatepost.decode import TRUST_FILE, escaped, line_end
from tests.drivers.qr_pictures import qr_picture, sheet
from tests.patience import PATIENCE_S

TRUSTED, STRANGE = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
CLAIMS = Claims(PersonId("R-000123"), 1, CompoundId(7), 1_700_000_000, 1_900_000_000, Kind.RESIDENT)
GOOD = issue_pass(CLAIMS, TRUSTED)


def forged(text: str) -> str:
    """The same pass with the last bit of its signature turned."""
    raw = bytearray(base45.b45decode(text.removeprefix(PREFIX)))
    raw[-1] ^= 1
    encoded: bytes = base45.b45encode(bytes(raw))
    return PREFIX + encoded.decode("ascii")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the pictures are; keys/ is what ``gatepost keys init`` would have made."""
    keys = tmp_path / "keys"
    keys.mkdir()
    public = TRUSTED.public_key()
    raw, kid = public.public_bytes_raw().hex(), key_id(public).hex()
    (keys / TRUST_FILE).write_text(f'{{"passes": {{"{kid}": "{raw}"}}, "operations": {{}}}}')
    return tmp_path


@pytest.fixture(scope="module")
def reader() -> Iterator[QrReader]:
    reader = QrReader()
    yield reader
    reader.close()


def decode(folder: Path, *arguments: str | bytes) -> tuple[int, bytes, str]:
    """Exit status, stdout and stderr of ``gatepost decode`` run in the folder."""
    ended = subprocess.run(
        [sys.executable, "-m", "gatepost", "decode", *arguments],
        cwd=folder, env=os.environ | {"PYTHONPATH": str(Path.cwd())},
        capture_output=True, timeout=2 * PATIENCE_S, check=False,
    )  # fmt: skip
    return ended.returncode, ended.stdout, ended.stderr.decode()


def write(path: Path, *texts: str) -> None:
    pictures = [qr_picture(text) for text in texts]
    widest = max((picture.shape[1] for picture in pictures), default=200)
    tallest = max((picture.shape[0] for picture in pictures), default=200)
    placed = [(picture, 20, 20 + n * (widest + 40)) for n, picture in enumerate(pictures)]
    paper = sheet(tallest + 40, (widest + 40) * max(1, len(texts)), *placed)
    assert cv2.imwrite(str(path), paper)


def test_every_verdict_in_one_run(folder: Path) -> None:
    stranger, fake = issue_pass(CLAIMS, STRANGE), forged(GOOD)
    table = [
        ("valid.png", (GOOD,), GOOD, "VALID"),
        ("forged.png", (fake,), fake, "FORGED"),
        ("malformed.png", ("GP1:ABC",), "GP1:ABC", "MALFORMED"),
        ("stranger.png", (stranger,), stranger, "UNKNOWN_KEY"),
        ("leaflet.png", ("a\\b\r\n\x07",), r"a\\b\r\n\x07", "NOT_A_PASS"),
        ("dash.png", ("-",), "-", "NOT_A_PASS"),
        ("empty.png", (), "-", "NO_CODE"),
        ("two.png", (GOOD, "tab\there"), GOOD + "\u241e" + r"tab\there", "MULTIPLE"),
    ]
    for name, texts, _, _ in table:
        write(folder / name, *texts)
    status, out, err = decode(folder, "--keys", "keys", *(name for name, *_ in table))
    assert out.decode().splitlines() == [
        f"{name}\t{text}\t{verdict}" for name, _, text, verdict in table
    ]
    assert (status, err) == (0, "")


def test_without_keys_a_well_formed_pass_is_unchecked(folder: Path) -> None:
    write(folder / "good.png", GOOD)
    write(folder / "bad.png", "GP1:ABC")
    status, out, _ = decode(folder, "good.png", "bad.png")
    assert status == 0
    assert out.decode() == f"good.png\t{GOOD}\tUNCHECKED\nbad.png\tGP1:ABC\tMALFORMED\n"


def test_a_path_goes_out_as_it_came_in(folder: Path) -> None:
    write(folder / "a.png", "x")
    names = [
        b"./a.png",
        b".//a.png",
        bytes(folder / "a.png"),
        b"gone-\xff.png",
        "不在.png".encode(),
    ]
    _, out, _ = decode(folder, *names)
    assert [line.split(b"\t")[0] for line in out.splitlines()] == names


def test_bad_files_are_unreadable_and_the_good_ones_still_read(folder: Path) -> None:
    write(folder / "good.png", "x")
    png = (folder / "good.png").read_bytes()
    write(folder / "good.jpg", "x")
    jpeg = (folder / "good.jpg").read_bytes()
    bad = {
        "empty.png": b"",
        "words.png": b"no picture",
        "half.png": png[: len(png) // 2],
        "half.jpg": jpeg[:100],
        "head.png": png[:8],
        "vast.png": vast_png(60_000, 60_000),
        "bomb.png": vast_png(17_000, 17_000, 17_000),
    }
    for name, content in bad.items():
        (folder / name).write_bytes(content)
    names = [*bad, "missing.png", "keys", "/dev/zero"]
    status, out, err = decode(folder, *names, "good.png")
    lines = out.decode().splitlines()
    assert lines == [*(f"{name}\t-\tUNREADABLE" for name in names), "good.png\tx\tNOT_A_PASS"]
    assert (status, err) == (1, "")


def vast_png(width: int, height: int, rows: int = 0) -> bytes:
    """A small file that claims to be a huge picture, and has so many black rows of it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    deflate = zlib.compressobj(1)
    black = b"".join(deflate.compress(b"\0" * (width + 1)) for _ in range(rows)) + deflate.flush()
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", black) + chunk(b"IEND", b"")
    )


def test_random_bytes_crash_nothing(folder: Path) -> None:
    write(folder / "good.png", "x")
    png = (folder / "good.png").read_bytes()
    chance = random.Random(11)
    names = [f"{number}.png" for number in range(60)]
    for name in names:
        spoiled = bytearray(png if chance.random() < 0.7 else chance.randbytes(500))
        for _ in range(chance.randrange(1, 20)):
            spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
        (folder / name).write_bytes(spoiled)
    status, out, err = decode(folder, *names)
    assert [line.split("\t")[0] for line in out.decode().splitlines()] == names
    assert (status, err) == (1, "")


def test_every_usual_format_is_read(folder: Path) -> None:
    names = ["a.png", "a.jpg", "a.webp", "a.bmp", "a.tiff"]
    for name in names:
        write(folder / name, "x")
    _, out, _ = decode(folder, *names)
    assert out.decode().splitlines() == [f"{name}\tx\tNOT_A_PASS" for name in names]


def test_transparent_and_16_bit_pictures_are_read(folder: Path) -> None:
    grey = qr_picture("x", 6)
    # Black everywhere; only the transparency tells the code from the paper.
    cv2.imwrite(str(folder / "clear.png"), np.dstack([grey * 0, grey * 0, grey * 0, 255 - grey]))
    cv2.imwrite(str(folder / "deep.png"), grey.astype(np.uint16) * 257)
    _, out, _ = decode(folder, "clear.png", "deep.png")
    assert out.decode() == "clear.png\tx\tNOT_A_PASS\ndeep.png\tx\tNOT_A_PASS\n"


@pytest.mark.parametrize("arguments", [(), ("--keys", "nowhere", "a.png"), ("--colour", "a.png")])
def test_bad_use_ends_with_2_and_says_why(folder: Path, arguments: tuple[str, ...]) -> None:
    write(folder / "a.png", "x")
    status, out, err = decode(folder, *arguments)
    assert (status, out) == (2, b"")
    assert any(word in err for word in ("FILE", "nowhere/trust.json", "--colour"))


def test_a_folder_with_a_damaged_trust_file_ends_with_2(folder: Path) -> None:
    write(folder / "a.png", "x")
    (folder / "keys" / TRUST_FILE).write_text("{}")
    status, out, err = decode(folder, "--keys", "keys", "a.png")
    assert (status, out) == (2, b"")
    assert "trust.json" in err


@given(st.text(st.characters(), max_size=60))
def test_fault_11_every_text_is_one_line_of_three_fields_and_can_be_told_back(text: str) -> None:
    line = line_end((text, "second"), None).encode().decode()
    assert line.splitlines() == [line[:-1]]
    assert line[:-1].count("\t") == 2
    shown = line.split("\t")[1].split("␞")[0]
    assert not any(ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 for letter in shown)
    # Python's own reader of escapes undoes ours, letter for letter.
    told_back = "".join(
        part.encode("ascii").decode("unicode_escape") if part.isascii() else part
        for part in _ascii_runs(shown)
    )
    assert told_back == text


def _ascii_runs(text: str) -> Iterator[str]:
    run = ""
    for letter in text:
        if letter.isascii():
            run += letter
        else:
            yield from (run, letter)
            run = ""
    yield run


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=60))
@example("\u0a01@")  # its UTF-8 could be Shift JIS
@example("Größe")
@example("漢字")  # a QR code's own mode for these is Shift JIS
def test_fault_11_any_text_that_a_qr_can_hold_comes_back_escaped(
    reader: QrReader, text: str
) -> None:
    texts = reader.read_still(qr_picture(text))
    assert line_end(texts, None).split("\t")[1] == escaped(text)
