"""A scanner on a pseudo-terminal, which is a serial port to pyserial."""

import os
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers import DeviceGone
from drivers.codes import serial_scanner
from drivers.codes.serial_scanner import LONGEST, SerialScanner
from tests.drivers.waiting import eventually

PASS = "GP1:" + "6BFOXN*TS0BI$ZD-PHQ7I9AD66V5B22CH9M9ESIGUBA-KN02" * 3


class Port:
    """A pseudo-terminal under a name that stays, as udev's links do."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self.plug_in()

    def plug_in(self) -> None:
        self._scanner, self._kept = os.openpty()
        tty.setraw(self._kept)
        self.link.symlink_to(os.ttyname(self._kept))

    def unplug(self) -> None:
        self.link.unlink()
        os.close(self._scanner)
        os.close(self._kept)

    def send(self, content: bytes) -> None:
        while content:
            content = content[os.write(self._scanner, content) :]


@pytest.fixture
def port(tmp_path: Path) -> Iterator[Port]:
    port = Port(tmp_path / "usb-scanner")
    yield port
    port.unplug()


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may hold up the pieces of a code for longer than a scanner ever does."""
    monkeypatch.setattr(serial_scanner, "GAP_S", 1.5)


@pytest.fixture
def scanner(port: Port) -> Iterator[SerialScanner]:
    scanner = SerialScanner(str(port.link), 9600)

    def hears() -> bool:
        port.send(b"HELLO\n")  # what comes before the port is open is thrown away
        return bool(scanned(scanner))

    eventually(hears)
    port.send(b"LAST\n")
    eventually(lambda: scanned(scanner) == ("LAST",))
    yield scanner
    scanner.close()


def scanned(scanner: SerialScanner) -> tuple[str, ...] | None:
    try:
        return scanner.look()
    except DeviceGone:
        return None


def trouble_of(scanner: SerialScanner) -> str:
    try:
        scanner.look()
    except DeviceGone as error:
        return str(error)
    return ""


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b""])
def test_a_scanned_code_is_in_view_once_whatever_ends_its_line(
    port: Port, scanner: SerialScanner, end: bytes
) -> None:
    port.send(PASS.encode() + end)
    assert eventually(lambda: scanned(scanner)) == (PASS,)
    looks = []
    for _ in range(60):
        looks.append(scanner.look())
        time.sleep(0.01)
    assert set(looks) == {None, ()}  # None: a look is not taken at every turn of the loop


@pytest.mark.usefixtures("unhurried")
def test_a_code_that_comes_in_pieces_is_one(port: Port, scanner: SerialScanner) -> None:
    for at in range(0, len(PASS), 20):
        port.send(PASS[at : at + 20].encode())
        time.sleep(0.01)
    port.send(b"\r\n")
    assert eventually(lambda: scanned(scanner)) == (PASS,)


def test_of_several_only_the_newest_is_given_out(port: Port, scanner: SerialScanner) -> None:
    port.send(b"ONE\nTWO\nTHREE\n")
    eventually(lambda: scanner._newest == "THREE")  # all three have come
    assert eventually(lambda: scanned(scanner)) == ("THREE",)
    assert not scanner.look()


@pytest.mark.usefixtures("unhurried")
def test_fault_11_noise_is_text_without_its_line_ends_and_never_longer_than_a_code(
    port: Port, scanner: SerialScanner
) -> None:
    port.send(b"\xff\xfe\x00'; DROP TABLE\x1b[2J\n")
    assert eventually(lambda: scanned(scanner)) == ("\ufffd\ufffd\x00'; DROP TABLE\x1b[2J",)
    port.send(b"\n\r\n" + b"x" * (LONGEST + 1) + b"\nAFTER\n")
    assert eventually(lambda: scanned(scanner)) == ("AFTER",)


def test_a_scanner_that_is_unplugged_is_gone_and_taken_back_when_it_comes(
    port: Port, scanner: SerialScanner
) -> None:
    port.unplug()
    trouble = eventually(lambda: trouble_of(scanner))
    assert f"camera.port {port.link} does not answer" in trouble
    port.plug_in()
    eventually(lambda: scanned(scanner) == ())
    port.send(PASS.encode() + b"\r\n")
    assert eventually(lambda: scanned(scanner)) == (PASS,)


def test_a_scanner_that_is_absent_at_start_is_not_an_error_of_the_constructor(
    tmp_path: Path,
) -> None:
    scanner = SerialScanner(str(tmp_path / "none"), 9600)
    assert "is the scanner plugged in" in eventually(lambda: trouble_of(scanner))
    scanner.close()
