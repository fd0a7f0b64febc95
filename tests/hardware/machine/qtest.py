"""The relay and the door's contact from outside the machine, over QEMU's qtest socket.

The GPIO bank (gpio.asl) is RAM in which the kernel's pinctrl-amd believes: one 32-bit register a line, at
4 bytes each. The guest writes bits 22 and 23; the test reads them. An input is a level in bit 16, and for an edge
also the pending bit 28, the line's bank bit in the status word and an interrupt. Registers as in
drivers/pinctrl/pinctrl-amd.h of Linux 6.1.
"""

import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from tests.ending import joined

BANK = 0x7F001000
INTERRUPT_STATUS = BANK + 0x2F8
INTERRUPT_LINE = 20
DRIVEN = 1 << 23
OUTPUT_HIGH = 1 << 22
INPUT_HIGH = 1 << 16
PENDING = 1 << 28


class QTest:
    """The socket that QEMU serves; for use by several threads."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(20)
        self._socket.connect(str(path))
        self._answers = self._socket.makefile("r", encoding="ascii")
        self._guard = threading.Lock()

    def read(self, address: int) -> int:
        """One 32-bit word of the machine's memory."""
        return int(self._say(f"readl {address:#x}").split()[1], 16)

    def write(self, address: int, word: int) -> None:
        """Change one 32-bit word of the machine's memory."""
        self._say(f"writel {address:#x} {word:#x}")

    def interrupt(self, line: int) -> None:
        """Pulse an input of the machine's interrupt controller."""
        for level in (1, 0):
            self._say(f"set_irq_in /machine/i440fx/ioapic unnamed-gpio-in {line} {level}")

    def close(self) -> None:
        """Let go of the socket."""
        self._answers.close()
        self._socket.close()

    def _say(self, words: str) -> str:
        with self._guard:
            self._socket.sendall(words.encode() + b"\n")
            answer = self._answers.readline()
        if not answer.startswith("OK"):
            raise ConnectionError(f"{words}: {answer!r}")
        return answer


class Pins:
    """The lines of the bank, by number."""

    def __init__(self, qtest: QTest) -> None:
        self._qtest = qtest

    def is_driven_high(self, line: int) -> bool:
        """Whether the guest drives this line, and high."""
        word = self._qtest.read(BANK + 4 * line)
        return bool(word & DRIVEN and word & OUTPUT_HIGH)

    def is_output(self, line: int) -> bool:
        """Whether the guest drives this line at all."""
        return bool(self._qtest.read(BANK + 4 * line) & DRIVEN)

    def set_level(self, line: int, *, high: bool) -> None:
        """Give an input its level, without an edge: before anybody listens."""
        word = self._qtest.read(BANK + 4 * line)
        self._qtest.write(BANK + 4 * line, word | INPUT_HIGH if high else word & ~INPUT_HIGH)

    def change_level(self, line: int, *, high: bool) -> None:
        """Give an input its level with the edge that a real contact makes."""
        self.set_level(line, high=high)
        register, bank_bit = BANK + 4 * line, 1 << (line // 4)
        self._qtest.write(register, self._qtest.read(register) | PENDING)
        self._qtest.write(INTERRUPT_STATUS, self._qtest.read(INTERRUPT_STATUS) | bank_bit)
        self._qtest.interrupt(INTERRUPT_LINE)
        time.sleep(0.02)  # the handler reads; in silicon it would clear them by writing ones
        self._qtest.write(register, self._qtest.read(register) & ~PENDING)
        self._qtest.write(INTERRUPT_STATUS, self._qtest.read(INTERRUPT_STATUS) & ~bank_bit)


@dataclass(slots=True)
class Pulse:
    """One time in which the line was driven high, as far as samples can tell; s of time.monotonic()."""

    low_before: float
    first_high: float
    last_high: float
    low_after: float | None = None
    """None: it lasts."""

    @property
    def at_least_s(self) -> float:
        """It was high for so long at least."""
        return self.last_high - self.first_high

    @property
    def at_most_s(self) -> float:
        """It was high for so long at most; of one that lasts, until now."""
        return (self.low_after or time.monotonic()) - self.low_before


class LineWatch:
    """Samples one line about once a millisecond and keeps the pulses."""

    def __init__(self, pins: Pins, line: int) -> None:
        self._pins, self._line = pins, line
        self._ending = threading.Event()
        self.pulses: list[Pulse] = []
        self._thread = threading.Thread(target=self._watch, name="line watch", daemon=True)
        self._thread.start()

    @property
    def is_high(self) -> bool:
        """What was seen last."""
        return bool(self.pulses) and self.pulses[-1].low_after is None

    def close(self) -> None:
        """Stop looking."""
        self._ending.set()
        joined(self._thread)

    def _watch(self) -> None:
        low_s = time.monotonic()
        while not self._ending.wait(0.001):
            begin_s = time.monotonic()
            try:
                high = self._pins.is_driven_high(self._line)
            except (OSError, ValueError, IndexError):
                return  # the machine has ended
            end_s = time.monotonic()
            if high and self.is_high:
                self.pulses[-1].last_high = begin_s
            elif high:
                self.pulses.append(Pulse(low_s, end_s, end_s))
            elif self.is_high:
                self.pulses[-1].low_after = end_s
            if not high:
                low_s = begin_s
