"""A camera and a reader as one source of codes."""

from drivers import Camera, CodeReader, DeviceFaulty
from drivers.camera.picture_watch import PictureWatch, Trouble


class CameraCodes:
    """What the reader finds in the camera's newest frame; owns both.

    ``watch`` None: pictures from files, which may well be black or the same for ever.
    """

    def __init__(
        self, camera: Camera, reader: CodeReader, watch: PictureWatch | None = None
    ) -> None:
        self._camera, self._reader, self._watch = camera, reader, watch

    def look(self) -> tuple[str, ...] | None:
        """The texts in the newest frame, in reading order; None: no new frame.

        Raises DeviceError, also for pictures in which nothing can be seen. What a camera repeats is not
        in view any more and is not given out.
        """
        frame = self._camera.newest()
        if frame is None:
            return None
        codes = self._reader.read(frame.picture)
        if self._watch is None:
            return codes
        trouble = self._watch.take(frame.picture, frame.taken_ms, shows_code=bool(codes))
        if trouble is Trouble.FROZEN or (trouble is not None and not codes):
            raise DeviceFaulty(trouble.value)
        return codes

    def close(self) -> None:
        """Close both."""
        self._camera.close()
        self._reader.close()
