#!/usr/bin/env bash
# Coverage-guided fuzzing of the four parsers of untrusted bytes: bash eng/fuzz.sh [seconds for each of them; 900, an hour in all, by default].
# SharpFuzz instruments the assemblies for AFL++. Needs the .NET SDK; installs AFL++. Fails if an input crashes or hangs a target. The input is
# under artifacts/fuzz; the fix adds it to Mnist.Fuzzing/corpus or to the test cases of Mnist.Tests.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
export AFL_SKIP_BIN_CHECK=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1
seconds=${1:-900}

if ! command -v afl-fuzz >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends afl++
fi

out=artifacts/fuzz
rm -rf "$out"
dotnet publish Mnist.Fuzzing -c Release -o "$out/bin" -v q
cp -r "$out/bin" "$out/replay"
dotnet tool restore >/dev/null
for assembly in Mnist.Core Mnist.Inference; do
    dotnet sharpfuzz "$out/bin/$assembly.dll"
done

failed=0
for target in json image photo weights; do
    afl-fuzz -i "Mnist.Fuzzing/corpus/$target" -o "$out/$target" -t 2000 -m none -V "$seconds" -- dotnet "$out/bin/Mnist.Fuzzing.dll" "$target" >"$out/$target.log" 2>&1 ||
        { tail -20 "$out/$target.log"; failed=1; continue; }
    value() { grep -oP "^$1 *: \K.*" "$out/$target/default/fuzzer_stats"; }
    printf '%s: %s inputs, %s edges, %s in the corpus, %s crashes, %s hangs\n' \
        "$target" "$(value execs_done)" "$(value edges_found)" "$(value corpus_count)" "$(value saved_crashes)" "$(value saved_hangs)"
    [[ $(value saved_hangs) == 0 ]] || failed=1
    for input in "$out/$target"/default/crashes/id:*; do
        # Replayed without the fuzzer: on a slow machine a process that was killed looks like a crash.
        [[ ! -e $input ]] || dotnet "$out/replay/Mnist.Fuzzing.dll" "$target" <"$input" || failed=1
    done
done
exit "$failed"
