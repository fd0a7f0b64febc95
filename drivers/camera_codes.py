"""A camera and a reader as one source of codes."""

from drivers import Camera, CodeReader


class CameraCodes:
    """What the reader finds in the camera's newest frame; owns both."""

    def __init__(self, camera: Camera, reader: CodeReader) -> None:
        self._camera, self._reader = camera, reader

    def look(self) -> tuple[str, ...] | None:
        """The texts in the newest frame, in reading order; None: no new frame. Raises DeviceError."""
        frame = self._camera.newest()
        return None if frame is None else self._reader.read(frame.picture)

    def close(self) -> None:
        """Close both."""
        self._camera.close()
        self._reader.close()
