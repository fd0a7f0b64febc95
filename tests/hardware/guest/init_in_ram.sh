#!/busybox sh
# The same for a machine that carries its files with it (machine/initramfs.py): nothing is mounted from the host.
/busybox mkdir -p /bin /usr/bin /proc /sys /dev /run /tmp /mnt /etc
[ -e /bin/sh ] || /busybox ln -s /busybox /bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:/applets
/busybox mkdir -p /applets
/busybox --install -s /applets
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
dmesg -n 1
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
{ cat /proc/cpuinfo; printf 'Revision\t: a02082\n'; } >/run/cpuinfo
mount --bind /run/cpuinfo /proc/cpuinfo
ip link set lo up
for module in virtio_pci virtio_console; do
    /usr/sbin/modprobe -d "$(sed -n 's/.*kernel=\([^ ]*\).*/\1/p' /proc/cmdline)" "$module"
done
sh /job.sh
echo "HIL rc=$?"
poweroff -f
