#!/bin/sh
# Before systemd is PID 1: the units and their programs as `./run install-gate` would lay them, in the layer of RAM.
#   prepare_systemd.sh CHECKOUT PYTHON_PREFIX KERNEL_TREE JOB
set -e
checkout=$1 prefix=$2 kernel=$3 job=$4

# The units see neither /tmp nor /root, where a developer's checkout and interpreter may lie.
mkdir -p /opt/gatepost /opt/python
mount --bind "$checkout" /opt/gatepost
mount --bind "$prefix" /opt/python
rm /opt/gatepost/.venv/bin/python
ln -s "/opt/python/bin/$(basename "$(readlink -f "$prefix/bin/python3")")" /opt/gatepost/.venv/bin/python
sed -i "s#^home = .*#home = /opt/python/bin#" /opt/gatepost/.venv/pyvenv.cfg
sed -i "1s#.*#\#!/opt/gatepost/.venv/bin/python#" /opt/gatepost/.venv/bin/gatepost

release=$(uname -r)
mkdir -p "/lib/modules/$release"
mount --bind "$kernel/lib/modules/$release" "/lib/modules/$release"

# As in the units' heads and Raspberry Pi OS.
for group in i2c gpio; do groupadd -f "$group"; done
id gatepost >/dev/null 2>&1 ||
    useradd --system --home-dir /var/lib/gatepost --shell /usr/sbin/nologin gatepost

# Nothing of the developer's own services, mounts and timers.
rm -rf /etc/systemd/system /etc/fstab
mkdir -p /etc/systemd/system
# Where the developer's machine is a container, its mark would tell systemd that this one is, too.
rm -f /.dockerenv /run/.containerenv
# It would empty /tmp, where the checkout may lie.
ln -s /dev/null /etc/systemd/system/systemd-tmpfiles-setup.service
cp "$checkout"/systemd/*.service /etc/systemd/system
for unit in gate sync; do
    mkdir "/etc/systemd/system/gatepost-$unit.service.d"
    cat >"/etc/systemd/system/gatepost-$unit.service.d/bench.conf" <<'UNIT'
[Service]
# An interpreter that is not Debian's finds its own library by a path that the unit hides.
Environment=LD_LIBRARY_PATH=/opt/python/lib PYTHONPATH=/opt/gatepost
# An emulated processor is slow to start.
TimeoutStartSec=180
TimeoutStopSec=60
UNIT
done
# Which Raspberry Pi this is, also where /proc is mounted anew.
cat >>/etc/systemd/system/gatepost-gate.service.d/bench.conf <<'UNIT'
BindReadOnlyPaths=/run/cpuinfo:/proc/cpuinfo
UNIT
cat >/etc/systemd/system/bench.service <<UNIT
[Unit]
Description=The bench's agent
SuccessAction=poweroff-force
FailureAction=poweroff-force
[Service]
ExecStart=/bin/sh $job
ExecStopPost=/bin/sh -c 'echo "HIL rc=\$\$EXIT_STATUS" >/dev/ttyS0'
UNIT
cat >/etc/systemd/system/bench.target <<'UNIT'
[Unit]
Requires=basic.target bench.service
After=basic.target
AllowIsolate=yes
UNIT
