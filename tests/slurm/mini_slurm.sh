# A Slurm of one controller and two nodes on loopback, in a scratch folder. To be sourced:
#   slurm_why_not   prints why it cannot be started here, or nothing
#   slurm_start R   starts it in folder R and exports SLURM_CONF; fails with a line
#   slurm_start_node N   starts the daemon of node n1 or n2 (again)
#   slurm_kill_daemon N  its daemon dies; what it runs lives on
#   slurm_kill_node N   node n1 or n2 dies: its daemon, its step daemons and what they run
#   slurm_stop      ends all of it
slurm_why_not() {
    for program in slurmctld slurmd munged sbatch sinfo squeue scontrol; do
        command -v "$program" >/dev/null || { echo "$program is not installed"; return; }
    done
    [ "$(id -u)" = 0 ] || echo "the daemons are started as root"
}

slurm_config() {
    cat <<END
ClusterName=mini
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=$SLURM_PORT
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$R/munge/munge.sock,cred_expire=5
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation=$R/state
SlurmdSpoolDir=$R/spool/%n
SlurmctldPidFile=$R/run/slurmctld.pid
SlurmdPidFile=$R/run/slurmd.%n.pid
SlurmctldLogFile=$R/log/slurmctld.log
SlurmdLogFile=$R/log/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1,batch_sched_delay=1
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SlurmdTimeout=5
MessageTimeout=2
KillWait=2
ReturnToService=2
JobRequeue=1
NodeName=n1 NodeHostname=localhost NodeAddr=127.0.0.1 Port=$((SLURM_PORT + 1)) CPUs=2 RealMemory=1000
NodeName=n2 NodeHostname=localhost NodeAddr=127.0.0.1 Port=$((SLURM_PORT + 2)) CPUs=2 RealMemory=1000
PartitionName=main Nodes=n1,n2 Default=YES State=UP
END
}

# wait SECONDS COMMAND...: until the command succeeds
slurm_wait() {
    tries=$(($1 * 5))
    shift
    while [ "$tries" -gt 0 ]; do
        "$@" >/dev/null 2>&1 && return 0
        tries=$((tries - 1))
        sleep 0.2
    done
    return 1
}

slurm_is_idle() {
    [ "$(sinfo -h -o '%T %D' | tr '\n' ' ')" = "idle 2 " ]
}

slurm_start_node() {
    slurmd -D -N "$1" -f "$SLURM_CONF" >/dev/null 2>&1 &
    case $1 in n1) N1_PID=$! ;; *) N2_PID=$! ;; esac
}

slurm_start() {
    R=$1
    SLURM_PORT=${SLURM_PORT:-17030}
    mkdir -p "$R/munge" "$R/state" "$R/spool/n1" "$R/spool/n2" "$R/log" "$R/run"
    chmod 755 "$R" "$R/munge"
    head -c 128 /dev/urandom >"$R/munge/key"
    chmod 400 "$R/munge/key"
    munged -F --key-file="$R/munge/key" --socket="$R/munge/munge.sock" --pid-file="$R/munge/pid" \
        --log-file="$R/munge/log" --seed-file="$R/munge/seed" >/dev/null 2>&1 &
    MUNGE_PID=$!
    slurm_wait 10 test -S "$R/munge/munge.sock" || { echo "munged does not come up"; return 1; }
    slurm_config >"$R/slurm.conf"
    SLURM_CONF=$R/slurm.conf
    export SLURM_CONF
    slurmctld -D -f "$SLURM_CONF" >/dev/null 2>&1 &
    CTLD_PID=$!
    slurm_start_node n1
    slurm_start_node n2
    slurm_wait 30 slurm_is_idle && return 0
    echo "the nodes do not become idle: $(tail -n 1 "$R/log/slurmctld.log" 2>/dev/null)"
    return 1
}

# Processes that a node's jobs are: they carry its name.
slurm_scripts() {
    grep -lzsx "SLURMD_NODENAME=$1" /proc/[0-9]*/environ 2>/dev/null | cut -d / -f 3
}

slurm_kill_daemon() {
    case $1 in n1) kill -KILL "$N1_PID" ;; *) kill -KILL "$N2_PID" ;; esac
}

# A node's death takes its daemon first, then the step daemons, which would report the end of
# their scripts, then the scripts.
slurm_kill_node() {
    case $1 in n1) daemon=$N1_PID ;; *) daemon=$N2_PID ;; esac
    scripts=$(slurm_scripts "$1")
    steps=$(for pid in $scripts; do
        parent=$(ps -o ppid= -p "$pid" | tr -d ' ')
        case $(cat "/proc/$parent/comm" 2>/dev/null) in slurmstepd*) echo "$parent" ;; esac
    done | sort -u)
    for pid in $daemon $steps $scripts; do
        kill -KILL "$pid" 2>/dev/null
    done
    return 0
}

slurm_stop() {
    for pid in ${N1_PID:-} ${N2_PID:-} ${CTLD_PID:-} ${MUNGE_PID:-}; do
        kill -TERM "$pid" 2>/dev/null
    done
    for pid in ${N1_PID:-} ${N2_PID:-} ${CTLD_PID:-} ${MUNGE_PID:-}; do
        wait "$pid" 2>/dev/null
    done
    return 0
}
