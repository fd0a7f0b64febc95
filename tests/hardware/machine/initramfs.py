"""The small initramfs that every machine begins with: busybox, the modules to reach its root, an init."""

import gzip
import subprocess
from pathlib import Path

from tests.hardware.machine import kernel as kernels


def boot_image(folder: Path, kernel: kernels.Kernel, init: Path) -> Path:
    """Write it to the folder, once."""
    packed = folder / "initrd.gz"
    if packed.exists():
        return packed
    root = folder / "initramfs"
    (root / "bin").mkdir(parents=True, exist_ok=True)
    _put(root / "bin/busybox", kernels.BUSYBOX)
    _put(root / "init", init)
    modules = kernel.modules_in_order(*kernels.FOR_BOOTING)
    for module in modules:
        _put(root / module.name, module)
    (root / "modules").write_text("".join(f"{module.name}\n" for module in modules))
    names = [str(file.relative_to(root)) for file in sorted(root.rglob("*"))]
    archive = subprocess.run(
        [kernels.tool("cpio"), "--quiet", "-o", "-H", "newc"],
        cwd=root,
        input="\n".join(names).encode(),
        capture_output=True,
        check=True,
        timeout=kernels.TOOL_WITHIN_S,
    )
    packed.write_bytes(gzip.compress(archive.stdout, 1))
    return packed


def _put(name: Path, source: Path) -> None:
    name.unlink(missing_ok=True)
    name.write_bytes(source.read_bytes())
    name.chmod(0o755)
