"""As much of libcamera's Python as the adapter names."""

import enum


class controls:  # noqa: N801 - a module in libcamera
    class AfModeEnum(enum.IntEnum):
        Manual = 0
        Auto = 1
        Continuous = 2
