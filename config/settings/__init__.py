"""What a gate and a collector can be told: one model a file, one class a table of it.

Times carry their unit in the name. Paths are taken relative to the folder of the config file.
"""

from config.settings.broker import (
    BrokerTable,
)
from config.settings.camera import (
    Camera,
    CsiCamera,
    DeviceCamera,
    PicturesCamera,
    ScannerCamera,
    SimulatedCamera,
    VideoCamera,
)
from config.settings.collector import (
    CollectorSettings,
    CollectorTable,
    NotifyTable,
    PageTable,
)
from config.settings.door import (
    Annunciator,
    Door,
    ExitButton,
    GpioAnnunciator,
    GpioDoor,
    GpioExitButton,
    GpioLock,
    Lock,
    NoAnnunciator,
    NoDoor,
    NoExitButton,
    SimulatedAnnunciator,
    SimulatedDoor,
    SimulatedExitButton,
    SimulatedLock,
)
from config.settings.gate import (
    ClockTable,
    DeviceWatchdog,
    GateSettings,
    GateTable,
    LockFile,
    NoWatchdog,
    ScreenTable,
    Watchdog,
)
from config.settings.thermometer import (
    Mlx90614Thermometer,
    Mlx90632Thermometer,
    SimulatedThermometer,
    Thermometer,
)

__all__ = [
    "Annunciator",
    "BrokerTable",
    "Camera",
    "ClockTable",
    "CollectorSettings",
    "CollectorTable",
    "CsiCamera",
    "DeviceCamera",
    "DeviceWatchdog",
    "Door",
    "ExitButton",
    "GateSettings",
    "GateTable",
    "GpioAnnunciator",
    "GpioDoor",
    "GpioExitButton",
    "GpioLock",
    "Lock",
    "LockFile",
    "Mlx90614Thermometer",
    "Mlx90632Thermometer",
    "NoAnnunciator",
    "NoDoor",
    "NoExitButton",
    "NoWatchdog",
    "NotifyTable",
    "PageTable",
    "PicturesCamera",
    "ScannerCamera",
    "ScreenTable",
    "SimulatedAnnunciator",
    "SimulatedCamera",
    "SimulatedDoor",
    "SimulatedExitButton",
    "SimulatedLock",
    "SimulatedThermometer",
    "Thermometer",
    "VideoCamera",
    "Watchdog",
]
