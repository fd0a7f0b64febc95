"""``gatepost decode``: what the gate's own reader and pass check say about picture files."""

import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from config.trust import Keys
    from drivers import Picture

TRUST_FILE = "trust.json"
JOINED_BY = "\u241e"
MAX_FILE_BYTES = 256 * 2**20
MAX_PIXELS = 2**28
"""OpenCV's own limit, 2**30, lets a small file fill 3 GB."""
_ESCAPES = (
    {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}
    # Line ends for some programs, our own joint, and halves of characters that UTF-8 cannot hold.
    | {code: f"\\u{code:04x}" for code in (0x2028, 0x2029, ord(JOINED_BY), *range(0xD800, 0xE000))}
    | {ord("\\"): "\\\\", ord("\t"): "\\t", ord("\n"): "\\n", ord("\r"): "\\r"}
)


def decode(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="Pictures: PNG, JPEG, WebP, BMP, TIFF ..."),
    ],
    keys: Annotated[
        Path | None,
        typer.Option(
            metavar="D", help="Folder with trust.json; without it no signature is checked."
        ),
    ] = None,
) -> None:
    """Read the QR codes in picture files and say what each is.

    One line a file: path, tab, text, tab, verdict. Several codes are joined by U+241E; backslash, tab,
    newline and control characters are escaped (\\\\ \\t \\n \\r \\xNN \\uNNNN); "-" stands for no text.

    Verdicts: VALID, FORGED, MALFORMED, UNKNOWN_KEY, NOT_A_PASS, UNCHECKED (a well-formed pass, but no
    --keys), NO_CODE, MULTIPLE, UNREADABLE (no picture).

    Exit status: 0 when every file could be opened as a picture, 1 when one could not, 2 for bad use.
    """
    from config.trust import load_trust

    passes = None if keys is None else load_trust(keys / TRUST_FILE).passes
    os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MAX_PIXELS))
    from drivers.codes.reader import QrReader

    all_opened = True
    with closing(QrReader()) as reader:
        for name in files:
            picture = read_picture(Path(name))
            all_opened = all_opened and picture is not None
            texts = None if picture is None else reader.read_still(picture)
            # The name goes out byte for byte as it came in.
            sys.stdout.buffer.write(os.fsencode(name) + line_end(texts, passes).encode())
            sys.stdout.buffer.flush()
    raise typer.Exit(0 if all_opened else 1)


def line_end(texts: tuple[str, ...] | None, keys: "Keys | None") -> str:
    """Tab, text, tab, verdict and newline for what a picture shows; None: it is none."""
    shown = JOINED_BY.join(map(escaped, texts)) if texts else "-"
    return f"\t{shown}\t{_verdict(texts, keys)}\n"


def escaped(text: str) -> str:
    """The text on one line, without tabs and control characters; every text has its own."""
    return text.translate(_ESCAPES)


def read_picture(path: Path) -> "Picture | None":
    """The file's (first) picture in grey, or None where it cannot be read as one."""
    import cv2
    import numpy as np

    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
        if not 0 < len(content) <= MAX_FILE_BYTES:
            return None
        data = np.frombuffer(content, np.uint8)
        with _no_chatter():
            # JPEG says which way is up, and only the other formats are transparent.
            jpeg = content.startswith(b"\xff\xd8")
            flags = cv2.IMREAD_GRAYSCALE if jpeg else cv2.IMREAD_UNCHANGED
            return _grey_on_white(cv2.imdecode(data, flags))
    except (OSError, MemoryError, cv2.error):
        return None


def _grey_on_white(picture: object) -> "Picture | None":
    """8 bits of grey, with whatever is transparent taken for paper."""
    import cv2
    import numpy as np

    if picture is None:
        return None
    levels = np.asarray(picture)
    if levels.dtype != np.uint8:
        top = np.iinfo(levels.dtype).max if levels.dtype.kind in "ui" else 1.0
        levels = (np.nan_to_num(levels / top).clip(0, 1) * 255).astype(np.uint8)
    if levels.ndim == 2:
        return levels
    if levels.shape[2] in {1, 2}:
        return np.ascontiguousarray(levels[:, :, 0])
    grey = np.asarray(cv2.cvtColor(levels[:, :, :3].copy(), cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    if levels.shape[2] == 4:
        opaque = levels[:, :, 3].astype(np.uint16)
        grey = ((grey * opaque + 255 * (255 - opaque)) // 255).astype(np.uint8)
    return grey


@contextmanager
def _no_chatter() -> Iterator[None]:
    """Silence libpng, libjpeg and OpenCV, which write about damaged files to stderr themselves."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _verdict(texts: tuple[str, ...] | None, keys: "Keys | None") -> str:
    from checkpoint.entry_pass import Rejection, read_envelope, read_pass

    if texts is None:
        return "UNREADABLE"
    if not texts:
        return "NO_CODE"
    if len(texts) > 1:
        return "MULTIPLE"
    if keys is None:
        envelope = read_envelope(texts[0])
        return envelope.value if isinstance(envelope, Rejection) else "UNCHECKED"
    claims = read_pass(texts[0], keys)
    return claims.value if isinstance(claims, Rejection) else "VALID"
