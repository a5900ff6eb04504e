#!/bin/sh
# SPDX-License-Identifier: MIT
# slurm.sh - packaging/slurm on a Slurm of one machine, with Debian's packages
#
# All of it is in a chroot and a namespace of processes, with which the daemons end.
# shellcheck disable=SC2154,SC2016 # scripts for shells in the chroot
cd "$top_srcdir" || exit 99
# shellcheck source=tests/release/bare.sh
. tests/release/bare.sh
command -v patchelf >/dev/null || skip_all "patchelf is not installed"

# here USER COMMAND: in the chroot, as that user; nobody has a configuration.
here() {
	chroot --userspec="$1" "$root" env -i PATH=/opt/venvctl/bin:/usr/bin:/bin:/usr/sbin:/sbin \
		HOME="/home/$1" LC_ALL=C.UTF-8 SLURM_CONF=/slurm/slurm.conf sh -ec "$2" \
		>"$log" 2>&1 </dev/null
}

daemons() {
	mkdir -p "$root/slurm/state" "$root/slurm/spool" "$root/slurm/log" "$root/slurm/run"
	node=$(hostname -s)
	grep -qw "$node" "$root/etc/hosts" || echo "127.0.0.1 $node" >>"$root/etc/hosts"
	echo 'CgroupPlugin=cgroup/v1' >"$root/slurm/cgroup.conf"
	cat >"$root/slurm/slurm.conf" <<-END
		ClusterName=one
		SlurmctldHost=$node(127.0.0.1)
		SlurmctldPort=16817
		SlurmdPort=16818
		SlurmUser=root
		SlurmdUser=root
		AuthType=auth/munge
		AuthInfo=socket=/slurm/run/munge.socket
		CredType=cred/munge
		StateSaveLocation=/slurm/state
		SlurmdSpoolDir=/slurm/spool
		SlurmctldPidFile=/slurm/run/slurmctld.pid
		SlurmdPidFile=/slurm/run/slurmd.pid
		SlurmctldLogFile=/slurm/log/slurmctld.log
		SlurmdLogFile=/slurm/log/slurmd.log
		ProctrackType=proctrack/linuxproc
		TaskPlugin=task/none
		SwitchType=switch/none
		MpiDefault=none
		JobAcctGatherType=jobacct_gather/none
		AccountingStorageType=accounting_storage/none
		SelectType=select/cons_tres
		SelectTypeParameters=CR_CPU
		ReturnToService=2
		SchedulerParameters=sched_interval=1,batch_sched_delay=0
		SlurmdParameters=config_overrides
		NodeName=$node NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
		PartitionName=all Nodes=$node Default=YES MaxTime=INFINITE State=UP OverSubscribe=YES
	END
	# munged wants every directory above its key to be root's alone to write.
	here root 'umask 077; head -c 1024 /dev/urandom >/slurm/munge.key; umask 022
		munged --force --key-file=/slurm/munge.key --socket=/slurm/run/munge.socket \
			--pid-file=/slurm/run/munged.pid --log-file=/slurm/log/munged.log \
			--seed-file=/slurm/run/munge.seed
		slurmctld -c -i
		slurmd -N "$(hostname -s)"
		for i in $(seq 300); do
			[ "$(sinfo -h -o %T)" != idle ] || exit 0
			sleep 0.1
		done
		tail -n 20 /slurm/log/*; sinfo; exit 1'
}

echo 1..8
make_chroot
ok $? "a chroot"
inside_apt='apt-get update -qq && apt-get install -y -qq --no-install-recommends'
if ! here root "export DEBIAN_FRONTEND=noninteractive; $inside_apt python3 python3-venv"; then
	ok 1 "a Python"
	exit 1
fi
if ! here root "export DEBIAN_FRONTEND=noninteractive
	apt-get install -y -qq --no-install-recommends slurmctld slurmd slurm-client munge"; then
	for what in 2 3 4 5 6 7 8; do
		echo "ok $what - $what # SKIP Slurm cannot be had: $(tail -n 1 "$log")"
	done
	exit 0
fi
echo "# $(chroot "$root" slurmctld -V)"
make -s -C "$top_builddir" tarball TARBALL_DIR="$root/root" >"$log" 2>&1 &&
	mkdir -p "$root/opt/venvctl" &&
	tar -C "$root/opt/venvctl" --strip-components=1 -xf "$root"/root/venvctl-*.tar.xz
ok $? "venvctl"
daemons
ok $? "the daemons"

# A directory that all nodes see: filled once, and from then on read-only.
settings=$(chroot "$root" /opt/venvctl/bin/venvctl --version --json | sed 's/.*"sysconfdir":"\([^"]*\)".*/\1/')
mkdir -p "$root$settings" "$root/shared"
cp packaging/slurm/venvctl.ini "$root$settings/venvctl.ini"
warm=$(sed -n 's/^    \(venvctl cache warm .*\)/\1/p' packaging/slurm/README.md)
[ -n "$warm" ] && mount -t tmpfs -o mode=755 tmpfs "$root/shared" && here root "$warm && venvctl config check" &&
	mount -o remount,ro "$root/shared" && ! here root "touch /shared/venvctl/store/x"
ok $? "the store, on a shared directory that is read-only"

here root "useradd -m somebody"
cp packaging/slurm/job.sh "$root/home/somebody/"
# job: it as a batch job; when it ends it has said what is in $root/home/somebody/said.
job() {
	here somebody "cd; sbatch --wait -o said job.sh"
	status=$?
	cat "$root/home/somebody/said" >>"$log"
	return $status
}
said=$root/home/somebody/said
job && [ "$(grep -c '"changed":true' "$said")" = 5 ] && [ "$(grep -c '"changed":false' "$said")" = 3 ] &&
	[ "$(grep -c '^/tmp/venvctl-[0-9]*/env-[0-3]$' "$said")" = 4 ] && ! ls "$root"/tmp/venvctl-* 2>/dev/null
ok $? "the job: four tasks, an environment each, and one for all"
here somebody 'rm -rf ~/.cache; cd /tmp
	srun -n4 sh -c "exec venvctl create -v --link-mode=copy /tmp/c-\$SLURM_PROCID"
	[ ! -e ~/.cache/venvctl/store ]
	! grep -r /shared/venvctl/store /tmp/c-0/lib
	srun -n4 sh -c "exec venvctl create -v /tmp/s-\$SLURM_PROCID" >shared 2>&1; cat shared
	[ "$(grep -c "is shared: it lies in ./shared/venvctl/store" shared)" = 4 ]
	! grep -i compiling shared
	for e in c-0 c-3 s-0 s-3; do /tmp/$e/bin/python -m pip --version; done
	grep -r /shared/venvctl/store /tmp/s-0/lib/python3*/site-packages/pip/__init__.py'
ok $? "with link-mode shared, and copy"
! here somebody 'cd /tmp; srun -n4 venvctl create -p 3.99 /tmp/none' && grep -q "exit code 3" "$log" &&
	here somebody 'cd /tmp; srun -n4 --kill-on-bad-exit=0 venvctl create --wait --existing reuse /tmp/same'
ok $? "statuses come through, and tasks of one environment wait for each other"
here root 'for name in slurmd slurmctld munged; do kill "$(cat /slurm/run/$name.pid)"; done
	for i in $(seq 200); do
		pgrep -x "slurmd|slurmctld|munged" >/dev/null || exit 0
		sleep 0.1
	done; exit 1'
ok $? "the daemons end"
