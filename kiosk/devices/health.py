"""How the gate's parts are: every change of state becomes one record."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import msgspec

from checkpoint.records import Device, DeviceChange, DeviceState, Record, Stamp
from config.log_lines import logger
from drivers import DeviceError, DeviceFaulty

_LOG = logger()


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """A part of the gate is in this state now."""

    device: Device
    state: DeviceState
    detail: str = ""


def failure(device: Device, error: DeviceError) -> DeviceReport:
    """The report on a device that has just failed."""
    state = DeviceState.FAULTY if isinstance(error, DeviceFaulty) else DeviceState.GONE
    return DeviceReport(device, state, str(error))


class Health:
    """The state of each of these parts; all are taken to work until they say otherwise.

    ``told`` is how they were when the journal was last written. What was out then and works now is journalled, too, or
    the staff would wait for ever for a part that was mended while the gate was off.
    """

    def __init__(
        self,
        keep: Callable[[Record], bool],
        stamp: Callable[[], Stamp],
        devices: Iterable[Device],
        told: Mapping[Device, DeviceState],
    ) -> None:
        self._keep, self._stamp = keep, stamp
        self._told = dict(told)
        self._reports = {device: DeviceReport(device, DeviceState.OK) for device in devices}

    def report(self, report: DeviceReport) -> None:
        """Take note; journal it where the state is another than before."""
        told = self._told.pop(report.device, report.state)
        if report.state is self._reports[report.device].state and report.state is told:
            return
        self._reports[report.device] = report
        log = _LOG.info if report.state is DeviceState.OK else _LOG.error
        log("device", device=report.device.value, state=report.state.value, detail=report.detail)
        change = DeviceChange(
            stamp=self._stamp(), device=report.device, state=report.state, detail=report.detail
        )
        if not self._keep(change):
            _LOG.error("a record could not be kept", device=report.device.value)

    def reports(self) -> tuple[DeviceReport, ...]:
        """One for every part."""
        return tuple(self._reports.values())

    def as_json(self) -> str:
        """Device -> state, for the sync process."""
        states = {device.value: report.state.value for device, report in self._reports.items()}
        return msgspec.json.encode(states).decode()
