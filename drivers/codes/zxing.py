"""zxing-cpp, where there is one: 32-bit Raspberry Pi OS has no wheels of it."""

from drivers import Picture
from drivers.codes.seen_code import SeenCode

try:
    import zxingcpp
except ImportError:
    HAVE_ZXING = False
else:
    HAVE_ZXING = True


def read_zxing(grey: Picture) -> tuple[list[SeenCode], bool]:
    """The QR codes in a grey picture, and whether there is a trace of one that could not be read.

    Without zxing-cpp nothing is read, and there may always be a trace.
    """
    if not HAVE_ZXING:
        return [], True
    # Micro QR, which zxing counts as QR too, is too weakly checked: noise in a dark picture reads as one.
    found = zxingcpp.read_barcodes(
        grey,
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2),
        text_mode=zxingcpp.TextMode.Plain,
        return_errors=True,
    )
    codes = [_seen(code) for code in found if code.valid]
    return codes, len(codes) < len(found)


def _seen(code: "zxingcpp.Barcode") -> SeenCode:
    place = code.position
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    top, bottom = min(c.y for c in corners), max(c.y for c in corners)
    return SeenCode(_text(code), min(c.x for c in corners), top, bottom - top)


def _text(code: "zxingcpp.Barcode") -> str:
    # zxing guesses where nothing says which character set it is, and takes some UTF-8 for Shift JIS.
    try:
        return code.bytes.decode()
    except UnicodeDecodeError:
        pass
    try:
        return code.text
    except UnicodeDecodeError:
        return code.bytes.decode(errors="replace")
