#!/bin/busybox sh
# The initramfs: a disk made for it (machine/root_disk.py) or, where there is none, the developer's own file system
# becomes the guest's, read-only below a layer of RAM. Then the job that the kernel's command line names (hil=FILE)
# runs in it, and its verdict goes to the console.
/bin/busybox mkdir -p /bin /proc /sys /dev /host /ram /new
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
dmesg -n 1
while read -r module; do insmod "/$module"; done </modules
if grep -q 'hil_disk=1' /proc/cmdline; then
    tries=100
    until [ -b /dev/sda ] || [ $((tries -= 1)) -eq 0 ]; do usleep 50000; done
    mount -t ext4 -o ro /dev/sda /host || poweroff -f
else
    mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=512000,cache=loose hostroot /host || poweroff -f
fi
mount -t tmpfs ram /ram
mkdir /ram/upper /ram/work
mount -t overlay -o lowerdir=/host,upperdir=/ram/upper,workdir=/ram/work overlay /new || poweroff -f
mount -t proc proc /new/proc
mount -t sysfs sysfs /new/sys
mount --bind /dev /new/dev
mkdir -p /new/dev/pts /new/dev/shm
mount -t devpts devpts /new/dev/pts
mount -t tmpfs tmpfs /new/dev/shm
mount -t tmpfs tmpfs /new/run
# gpiozero asks which Raspberry Pi this is, and numbers the pins after it: a 3B.
{ cat /proc/cpuinfo; printf 'Revision\t: a02082\n'; } >/cpuinfo
touch /new/run/cpuinfo
cp /cpuinfo /new/run/cpuinfo
mount --bind /new/run/cpuinfo /new/proc/cpuinfo
ip link set lo up
job=$(sed -n 's/.*hil=\([^ ]*\).*/\1/p' /proc/cmdline)
if [ -e "/new$job.systemd" ]; then
    # The same job as a unit of systemd's.
    chroot /new /bin/sh "$job.systemd" || { echo "HIL rc=97"; poweroff -f; }
    exec switch_root /new /lib/systemd/systemd --unit=bench.target --log-target=kmsg --show-status=no
fi
chroot /new /bin/sh "$job"
echo "HIL rc=$?"
sync
poweroff -f
