#!/usr/bin/env bash
# Load, overload and fault tests at full length: bash eng/long-tests.sh, or only some parts: bash eng/long-tests.sh mixed sigterm.
# MNIST_LONG=0.01 runs a hundredth of it. Needs the .NET SDK, and root for "disk"; installs the other programs. Ends with one line per result.
set -euo pipefail
cd "$(dirname "$0")/.."
export CI=true DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
export MNIST_LONG="${MNIST_LONG:-1}"

declare -A tests=(
    [mixed]=MixedLoadTests          # a million requests on 64 connections: every answer belongs to its request, memory stays constant
    [overload]=OverloadLoadTests    # two and ten times the capacity
    [rude]=RudeClientTests          # slow and idle clients, and clients that disconnect
    [scarcity]=ScarcityTests        # bursts of a thousand requests, the limit of open files, a stopped process
    [sigterm]=Terminate_UnderLoad   # 100 times; every accepted request is answered
    [sigkill]=Kill_UnderLoad
    [replicas]=ReplicaTests         # of three replicas one is killed 20 times and stopped 20 times, behind HAProxy and behind nginx
    [disk]=ConfinementTests         # a log on a full disk; no privileges and no writable file system; little memory
    [clock]=ClockTests              # jumps of the system clock
    [fuzz]=FuzzTests                # an hour of grammar-based fuzzing; eng/fuzz.sh is guided by coverage
)
order=(mixed overload rude scarcity sigterm sigkill replicas disk clock fuzz)

install() {
    local missing=()
    command -v haproxy >/dev/null || missing+=(haproxy)
    command -v nginx >/dev/null || missing+=(nginx-light)
    compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null || missing+=(libfaketime)
    if ((${#missing[@]})); then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
    fi
}

parts=("${@:-${order[@]}}")
for part in "${parts[@]}"; do
    if [[ -z ${tests[$part]:-} ]]; then
        echo "no part '$part', expected: ${order[*]}" >&2
        exit 2
    fi
done

install
dotnet build Mnist.SystemTests -c Release -v q
log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed=()
results=()
for part in "${parts[@]}"; do
    printf '\n== %s\n' "$part"
    started=$SECONDS
    # A background job of a shell ignores these signals, and its children inherit that; the servers under test must receive them.
    MNIST_FUZZ_SECONDS=$(awk "BEGIN { print int(900 * $MNIST_LONG) }") MNIST_FUZZ_SEED=$RANDOM \
        env --default-signal=HUP,INT dotnet test Mnist.SystemTests -c Release --no-build --logger "console;verbosity=normal" --filter "FullyQualifiedName~${tests[$part]}" | tee "$log" || true
    verdict=passed
    grep -q '^Test Run Successful' "$log" || { failed+=("$part"); verdict=FAILED; }
    results+=("$part: $verdict in $((SECONDS - started)) s")
    while read -r line; do
        results+=("  $line")
    done < <(grep -P '^ *[A-Z]\w+_\w+: ' "$log" | sort -u)
done

printf '\n== results\n'
printf '%s\n' "${results[@]}"
printf '\n%d parts passed, %d failed: %s\n' "$((${#parts[@]} - ${#failed[@]}))" "${#failed[@]}" "${failed[*]:-none}"
((${#failed[@]} == 0))
