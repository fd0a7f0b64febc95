"""Plain pictures of QR codes, as a printer would make them."""

import io

import cv2
import numpy as np
import segno

from drivers import Picture


def qr_picture(text: str, scale: int = 4) -> Picture:
    """The code with its quiet zone, grey; UTF-8 with ECI, so that no reader must guess."""
    code = segno.make(text, error="m", micro=False, encoding="utf-8", eci=True)
    png = io.BytesIO()
    code.save(png, kind="png", scale=scale, border=4)
    grey = cv2.imdecode(np.frombuffer(png.getvalue(), np.uint8), cv2.IMREAD_GRAYSCALE)
    return np.asarray(grey, dtype=np.uint8)


def sheet(height: int, width: int, *placed: tuple[Picture, int, int]) -> Picture:
    """A white sheet with pictures at (top, left)."""
    paper = np.full((height, width), 255, np.uint8)
    for picture, top, left in placed:
        paper[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return paper
