#!/usr/bin/env bash
# The tests of a bad day, to the full: bash eng/long-tests.sh, or some parts of it: bash eng/long-tests.sh mixed sigterm.
# MNIST_LONG=0.01 runs a hundredth. Needs the .NET SDK, root for "disk"; installs the rest. Ends with what came out, a line for each result.
set -euo pipefail
cd "$(dirname "$0")/.."
export CI=true DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
export MNIST_LONG="${MNIST_LONG:-1}"

declare -A tests=(
    [mixed]=MixedLoadTests          # a million requests at once: nobody gets another's answer, memory stays flat
    [overload]=OverloadLoadTests    # twice and ten times the capacity
    [rude]=RudeClientTests          # slow, idle and vanished clients
    [scarcity]=ScarcityTests        # bursts of a thousand, no file left to open, a stopped process
    [sigterm]=Terminate_UnderLoad   # a hundred times, nothing accepted lost
    [sigkill]=Kill_UnderLoad
    [replicas]=ReplicaTests         # one of three killed 20 times and stopped 20 times, behind HAProxy and behind nginx
    [disk]=ConfinementTests         # a log on a full disk; no root, no rights, nothing to write on; little memory
    [clock]=ClockTests              # a clock that jumps
    [fuzz]=FuzzTests                # an hour of mutations by the formats' grammar; eng/fuzz.sh has those that coverage guides
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
        echo "no part '$part'; there are: ${order[*]}" >&2
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
    # A shell that starts a program in the background makes it ignore these signals; the servers under test must get them.
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
