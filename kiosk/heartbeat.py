"""Signs of life for systemd (sd_notify(3)): a datagram to the socket named by NOTIFY_SOCKET, if there is one."""

import os
import socket
import time

_US = 1_000_000


class Heartbeat:
    """Says READY once and WATCHDOG at a third of the time that systemd allows. Silent without systemd."""

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        environment = dict(os.environ) if environment is None else environment
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._every_s = int(environment.get("WATCHDOG_USEC", "0")) / _US / 3
        self._due_s = 0.0

    def ready(self) -> None:
        """The gate serves."""
        self._say("READY=1")

    def beat(self) -> None:
        """The loop has come round once more; cheap enough for every turn."""
        now_s = time.monotonic()
        if self._every_s and now_s >= self._due_s:
            self._due_s = now_s + self._every_s
            self._say("WATCHDOG=1")

    def stopping(self) -> None:
        """The gate ends in order."""
        self._say("STOPPING=1")

    def _say(self, what: str) -> None:
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as datagram:
            try:
                datagram.sendto(what.encode(), self._address)
            except OSError:
                return  # systemd restarts a gate that it does not hear; nothing better can be done here
