#!/usr/bin/env bash
# Tests the tests: bash eng/mutate.sh [batcher] [validation] [weights]. Stryker changes the code in hundreds of places, one at a time; where
# no test fails, one is missing. A part takes a quarter of an hour. eng/mutate/PART.json says what is changed and which tests must find it
# out. Ends with an error where they miss more than one in ten; what they missed is listed, and in artifacts/mutate.
set -euo pipefail
cd "$(dirname "$0")/../Mnist.Tests"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

dotnet tool restore >/dev/null
(($#)) || set -- batcher validation weights
failed=0
for part; do
    dotnet stryker --config-file "../eng/mutate/$part.json" --output "../artifacts/mutate/$part" --skip-version-check || failed=1
done
exit "$failed"
