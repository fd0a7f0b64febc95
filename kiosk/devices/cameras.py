"""The camera that the config names."""

from typing import assert_never

from config import settings as config
from drivers import Camera
from drivers.camera.live import CsiCamera, CsiSettings, UsbCamera
from drivers.camera.recorded import PictureCamera, VideoCamera
from drivers.camera.usb_capture import UsbSettings
from drivers.simulated.camera import SimulatedCamera

Table = (
    config.DeviceCameraTable
    | config.CsiCameraTable
    | config.VideoCameraTable
    | config.PicturesCameraTable
    | config.SimulatedCameraTable
)


def make_camera(table: Table) -> Camera:
    """The camera, whether it is there or not."""
    match table:
        case config.DeviceCameraTable():
            return UsbCamera(UsbSettings(**table.model_dump(exclude={"kind"})))
        case config.CsiCameraTable(python=python):
            return CsiCamera(CsiSettings(**table.model_dump(exclude={"kind", "python"})), python)
        case config.VideoCameraTable(path=path):
            return VideoCamera(path)
        case config.PicturesCameraTable(paths=paths, seconds_each=seconds_each):
            return PictureCamera(paths, seconds_each)
        case config.SimulatedCameraTable(world=world, width=width, height=height) as simulated:
            return SimulatedCamera(world, width, height, simulated.frames_per_second)
        case _ as other:
            assert_never(other)
