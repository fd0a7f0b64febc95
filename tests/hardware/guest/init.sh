#!/bin/busybox sh
# The initramfs: the developer's own file system, read-only below a layer of RAM, becomes the guest's. Then the
# job that the kernel's command line names (hil=FILE) runs in it, and its verdict goes to the console.
/bin/busybox mkdir -p /bin /proc /sys /dev /host /ram /new
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
dmesg -n 1
while read -r module; do insmod "/$module"; done </modules
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=512000,cache=loose hostroot /host || poweroff -f
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
chroot /new /bin/sh "$job"
echo "HIL rc=$?"
sync
poweroff -f
