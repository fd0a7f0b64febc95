import fcntl
from pathlib import Path

import pytest

from drivers import DeviceGone
from drivers.hardware_watchdog import HardwareWatchdog
from tests.drivers.kernel_watchdog import KernelWatchdog


@pytest.fixture
def device(tmp_path: Path) -> Path:
    return tmp_path / "watchdog"


def test_it_is_set_fed_and_disarmed(device: Path) -> None:
    kernel = KernelWatchdog(device)
    watchdog = HardwareWatchdog(device, 12, kernel.ioctl)
    assert watchdog.timeout_s == 12
    watchdog.feed()
    watchdog.feed()
    assert kernel.fed == 2
    assert kernel.counts
    watchdog.close(disarm=True)
    assert not kernel.counts


def test_closed_without_being_disarmed_it_goes_on_counting(device: Path) -> None:
    kernel = KernelWatchdog(device)
    HardwareWatchdog(device, 12, kernel.ioctl).close(disarm=False)
    assert kernel.counts


def test_the_hardware_has_the_last_word_on_the_time(device: Path) -> None:
    assert HardwareWatchdog(device, 60, KernelWatchdog(device).ioctl).timeout_s == 15


def test_a_device_that_is_absent_is_gone_and_names_its_key(device: Path) -> None:
    with pytest.raises(DeviceGone, match=r"watchdog\.device: .*/watchdog cannot be opened"):
        HardwareWatchdog(device, 15)


def test_a_file_that_is_no_watchdog_is_none(device: Path) -> None:
    device.touch()
    with pytest.raises(DeviceGone, match="does not do as a watchdog does"):
        HardwareWatchdog(device, 15, fcntl.ioctl)


def test_a_watchdog_that_goes_away_is_gone(device: Path) -> None:
    kernel = KernelWatchdog(device)
    watchdog = HardwareWatchdog(device, 15, kernel.ioctl)
    kernel.broken = True
    with pytest.raises(DeviceGone):
        watchdog.feed()
    watchdog.close(disarm=True)
    watchdog.close(disarm=True)
