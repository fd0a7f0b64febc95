"""The camera fails, live: V4L2 as the kernel does it, with a driver that fails on demand."""

import time

import pytest

from tests.hardware import scene
from tests.hardware.gate_on_bench import GateOnBench
from tests.hardware.guest.camera import LEFT_OUT_PERCENT

pytestmark = pytest.mark.hardware


def comes_back_by_itself(gate: GateOnBench, mark: int) -> None:
    gate.wait(lambda: gate.device_states(mark, "camera")[-1:] == ["ok"], "the camera")
    assert gate.pass_by()["result"] == "admit"


def readers(gate: GateOnBench) -> set[str]:
    """The process that reads the camera."""
    return set(gate.run("sh", "-c", "grep -ls [c]amera_process /proc/[0-9]*/cmdline").split())


def test_fault_28_a_camera_that_repeats_one_frame_is_a_fault(gate: GateOnBench) -> None:
    mark, since_s = gate.mark(), time.monotonic()
    gate.guest.ask("freeze_view", frozen=True)
    gate.wait_for_device(mark, "camera", "faulty")
    print(f"journalled within {time.monotonic() - since_s:.1f} s (emulated)")
    gate.guest.ask("freeze_view", frozen=False)
    comes_back_by_itself(gate, mark)


def test_fault_28_a_camera_that_goes_black_is_a_fault(gate: GateOnBench) -> None:
    mark, since_s = gate.mark(), time.monotonic()
    gate.guest.ask("show", picture=scene.dark())
    gate.wait_for_device(mark, "camera", "faulty")
    print(f"journalled within {time.monotonic() - since_s:.1f} s (emulated)")
    gate.show()
    comes_back_by_itself(gate, mark)


def test_fault_29_a_camera_whose_read_never_returns_is_read_by_a_new_process(
    gate: GateOnBench,
) -> None:
    mark, before = gate.mark(), readers(gate)
    assert len(before) == 1
    gate.guest.ask("camera_control", name="percentage_of_dropped_buffers", value=100)
    gate.wait_for_device(mark, "camera", "gone")
    gate.guest.ask("camera_control", name="percentage_of_dropped_buffers", value=LEFT_OUT_PERCENT)
    comes_back_by_itself(gate, mark)
    assert not before & readers(gate)


def test_a_camera_without_a_signal_shows_noise_and_opens_nothing(gate: GateOnBench) -> None:
    mark, before = gate.mark(), len(gate.relay.pulses)
    gate.guest.ask("camera_control", name="dv_timings_signal_mode", value=1)
    gate.show(gate.centre.new_pass(), celsius=36.6)
    gate.guest.ask("exit_code", name="gate", within_s=6)
    assert gate.passages(mark) == []
    assert len(gate.relay.pulses) == before
    gate.show()
    gate.guest.ask("camera_control", name="dv_timings_signal_mode", value=0)
    assert gate.pass_by()["result"] == "admit"


def test_a_camera_unplugged_and_plugged_in_again(gate: GateOnBench) -> None:
    mark = gate.mark()
    gate.guest.ask("pull_out_camera")
    gate.wait_for_device(mark, "camera", "gone")
    gate.guest.ask("plug_in_camera")
    comes_back_by_itself(gate, mark)


def test_a_stream_that_breaks_is_opened_anew(gate: GateOnBench) -> None:
    mark = gate.mark()
    gate.guest.ask("camera_control", name="inject_fatal_streaming_error")
    gate.wait_for_device(mark, "camera", "gone")
    comes_back_by_itself(gate, mark)
