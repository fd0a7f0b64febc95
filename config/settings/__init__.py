"""What a gate and a collector can be told: one model a file, one class a table of it.

Times carry their unit in the name. Paths are taken relative to the folder of the config file.
"""

from config.settings.broker import (
    BrokerTable,
)
from config.settings.camera import (
    Camera,
    CsiCameraTable,
    DeviceCameraTable,
    PicturesCameraTable,
    ScannerCameraTable,
    SimulatedCameraTable,
    VideoCameraTable,
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
    GpioAnnunciatorTable,
    GpioDoorTable,
    GpioExitButtonTable,
    GpioLockTable,
    Lock,
    NoAnnunciatorTable,
    NoDoorTable,
    NoExitButtonTable,
    SimulatedAnnunciatorTable,
    SimulatedDoorTable,
    SimulatedExitButtonTable,
    SimulatedLockTable,
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
    Mlx90614Table,
    Mlx90632Table,
    SimulatedThermometerTable,
    Thermometer,
)

__all__ = [
    "Annunciator",
    "BrokerTable",
    "Camera",
    "ClockTable",
    "CollectorSettings",
    "CollectorTable",
    "CsiCameraTable",
    "DeviceCameraTable",
    "DeviceWatchdog",
    "Door",
    "ExitButton",
    "GateSettings",
    "GateTable",
    "GpioAnnunciatorTable",
    "GpioDoorTable",
    "GpioExitButtonTable",
    "GpioLockTable",
    "Lock",
    "LockFile",
    "Mlx90614Table",
    "Mlx90632Table",
    "NoAnnunciatorTable",
    "NoDoorTable",
    "NoExitButtonTable",
    "NoWatchdog",
    "NotifyTable",
    "PageTable",
    "PicturesCameraTable",
    "ScannerCameraTable",
    "ScreenTable",
    "SimulatedAnnunciatorTable",
    "SimulatedCameraTable",
    "SimulatedDoorTable",
    "SimulatedExitButtonTable",
    "SimulatedLockTable",
    "SimulatedThermometerTable",
    "Thermometer",
    "VideoCameraTable",
    "Watchdog",
]
