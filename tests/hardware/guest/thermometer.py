"""An MLX90614 on an i2c-tiny-usb adapter that a USB/IP connection plays, so that the kernel's own drivers talk to it.

    gate program -> /dev/i2c-N -> i2c-tiny-usb -> vhci-hcd -> a socket -> here

The adapter only carries messages; the packet error code is asked for, computed and checked by the kernel. Every
fault is a state of the sensor and may change while the gate runs. Protocols: Documentation/usb/usbip_protocol.rst
and drivers/i2c/busses/i2c-tiny-usb.c of Linux 6.1; the sensor's words as in its data sheet, "Commands".
"""

import random
import socket
import struct
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

ADDRESS: Final = 0x5A
AMBIENT, OBJECT = 0x06, 0x07
EEPROM: Final = {0x24: 0xFFFF, 0x3C: 0x1234, 0x3D: 0x5678, 0x3E: 0x0001, 0x3F: 0x0002}
"""Emissivity 1.0, and the chip's number."""
ADAPTER_NAME: Final = "i2c-tiny-usb"
_VHCI: Final = Path("/sys/devices/platform/vhci_hcd.0")
_FULL_SPEED: Final = 2
_DEVICE_ID: Final = 0x10001
_SUBMIT, _UNLINK, _SUBMITTED, _UNLINKED = 1, 2, 3, 4
_ECONNRESET: Final = -104
_EPIPE: Final = -32
_ACK, _NAK = 1, 2
_I2C_FUNC_I2C, _I2C_FUNC_SMBUS_EMUL = 0x1, 0xEFF0008

_DEVICE_DESCRIPTOR: Final = struct.pack(
    "<BBHBBBBHHHBBBB", 18, 1, 0x0110, 0xFF, 0, 0, 8, 0x0403, 0xC631, 0x0205, 0, 0, 0, 1
)
_CONFIGURATION: Final = struct.pack("<BBHBBBBB", 9, 2, 18, 1, 1, 0, 0x80, 50) + struct.pack(
    "<BBBBBBBBB", 9, 4, 0, 0, 0, 0, 0, 0, 0
)


def crc8(message: bytes) -> int:
    """SMBus packet error code: x^8 + x^2 + x + 1, from 0."""
    code = 0
    for byte in message:
        code ^= byte
        for _ in range(8):
            code = (code << 1 ^ 0x07) & 0xFF if code & 0x80 else code << 1
    return code


def word_of(celsius: float) -> int:
    """A temperature in the sensor's words of 0.02 K."""
    return round((celsius + 273.15) / 0.02)


class Sensor:
    """The registers, and what is wrong with them."""

    def __init__(self) -> None:
        self.ambient_celsius, self.object_celsius = 24.0, 24.0
        self.flips_one_bit = False
        """Every word sent has one bit wrong, of its sixteen or of the code's eight, each in its turn."""
        self.reads = 0
        """How often it was read so far."""
        self.answers = True
        self.raw_object: int | None = None
        """Send just this word, always, instead of a temperature."""
        self.late_s = 0.0
        self._command = 0

    def write(self, message: bytes) -> bool:
        """A message from the bus. Returns whether it was acknowledged."""
        if not self.answers:
            return False
        if message:
            self._command = message[0]
        return True

    def read(self, length: int) -> bytes:
        """What it puts on the bus: low byte, high byte, packet error code."""
        word = self._word()
        head = bytes([ADDRESS << 1, self._command, ADDRESS << 1 | 1])
        data = word.to_bytes(2, "little")
        sent = int.from_bytes(data + bytes([crc8(head + data)]), "little")
        if self.flips_one_bit:
            sent ^= 1 << self.reads % 24
        self.reads += 1
        return sent.to_bytes(3, "little")[:length].ljust(length, b"\xff")

    def _word(self) -> int:
        if self._command in EEPROM:
            return EEPROM[self._command]
        if self._command == OBJECT and self.raw_object is not None:
            return self.raw_object
        celsius = self.object_celsius if self._command == OBJECT else self.ambient_celsius
        # A living sensor's last bits move.
        return word_of(celsius) + random.randint(-2, 2)


class Adapter:
    """The USB device, and whether it is plugged in."""

    def __init__(self, sensor: Sensor) -> None:
        self._sensor = sensor
        self._ours: socket.socket | None = None
        self._acknowledged = True

    def plug_in(self) -> int:
        """Returns the number of the bus that the kernel makes of it."""
        ours, theirs = socket.socketpair()
        attach = f"0 {theirs.fileno()} {_DEVICE_ID} {_FULL_SPEED}"
        until_s = time.monotonic() + 15
        while True:
            try:
                (_VHCI / "attach").write_text(attach)
                break
            except OSError:  # the port is not free yet
                if time.monotonic() > until_s:
                    raise
                time.sleep(0.05)
        theirs.close()
        self._ours = ours
        threading.Thread(target=self._serve, args=(ours,), daemon=True).start()
        while (number := bus_number()) is None:
            if time.monotonic() > until_s:
                raise TimeoutError("the kernel made no bus of the adapter")
            time.sleep(0.02)
        return number

    def pull_out(self) -> None:
        """Gone at once, in the middle of whatever it did."""
        if self._ours is not None:
            self._ours.shutdown(socket.SHUT_RDWR)
            self._ours.close()
            self._ours = None

    def _serve(self, usb: socket.socket) -> None:
        with suppress(OSError):
            while True:
                self._answer(usb)

    def _answer(self, usb: socket.socket) -> None:
        header = _receive(usb, 48)
        command, number, _, inwards, _ = struct.unpack(">IIIII", header[:20])
        if command == _UNLINK:
            usb.sendall(struct.pack(">IIIIIi24x", _UNLINKED, number, 0, 0, 0, _ECONNRESET))
            return
        length = struct.unpack(">I", header[24:28])[0]
        sent = b"" if inwards else _receive(usb, length)
        reply = self._control(header[40:48], sent)
        status = 0 if reply is not None else _EPIPE
        data = (reply or b"")[:length] if inwards else b""
        told = len(data) if inwards else length
        usb.sendall(
            struct.pack(">IIIIIiIIII8x", _SUBMITTED, number, 0, 0, 0, status, told, 0, 0, 0) + data
        )

    def _control(self, setup: bytes, sent: bytes) -> bytes | None:
        kind, request, value, index, length = struct.unpack("<BBHHH", setup)
        if kind & 0x60 == 0x40:
            return self._vendor(request, index, length, inwards=bool(kind & 0x80), sent=sent)
        match request, value >> 8:
            case 6, 1:
                return _DEVICE_DESCRIPTOR
            case 6, 2:
                return _CONFIGURATION
            case 6, _:
                return None
            case 0, _:
                return b"\0\0"
            case _:
                return b""

    def _vendor(
        self, request: int, index: int, length: int, *, inwards: bool, sent: bytes
    ) -> bytes | None:
        if request == 1:
            return struct.pack("<I", _I2C_FUNC_I2C | _I2C_FUNC_SMBUS_EMUL)
        if request == 3:
            return bytes([_ACK if self._acknowledged else _NAK])
        if 4 <= request <= 7:
            time.sleep(self._sensor.late_s)
            here = index == ADDRESS and self._sensor.answers
            self._acknowledged = here and (inwards or self._sensor.write(sent))
            return self._sensor.read(length) if inwards and here else b"\xff" * length
        return b""


def bus_number() -> int | None:
    """The N of /dev/i2c-N that the adapter became; None: it is not there."""
    for name in Path("/sys/class/i2c-adapter").glob("*/name"):
        with suppress(OSError):
            node = Path("/dev") / name.parent.name
            if name.read_text().startswith(ADAPTER_NAME) and node.exists():
                return int(name.parent.name.removeprefix("i2c-"))
    return None


def _receive(usb: socket.socket, length: int) -> bytes:
    got = b""
    while len(got) < length:
        more = usb.recv(length - len(got))
        if not more:
            raise ConnectionResetError
        got += more
    return got
