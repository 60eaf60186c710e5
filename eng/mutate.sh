#!/usr/bin/env bash
# Mutation tests with Stryker: bash eng/mutate.sh [batcher] [validation] [weights]. Each part takes about 15 minutes. eng/mutate/PART.json names
# the mutated files and the tests that must detect the mutants. Fails if more than one mutant in ten survives; the report, with the survivors,
# is in artifacts/mutate.
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
