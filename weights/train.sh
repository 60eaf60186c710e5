#!/usr/bin/env bash
# Makes the shipped cascade, and four more of the same recipe with other seeds to see how much luck is in it:
# weights/train.sh [validation|members|cascades]   (all three, in this order, without an argument)
# Runs that are done are kept, runs that were interrupted go on: start it again until it ends. About two hours on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."

cascades=5        # each of members of its own
members=4         # networks in a cascade
temperature=1.24  # mean of what the validation runs fit
threshold=0.9715  # what "validation" prints for the cascade of its members
cascade_temperature=0.992

work=artifacts/accuracy
mnist=artifacts/bin/Mnist.Cli/release/mnist
export mnist work

# train NAME ARGUMENTS...: one network on one core; as many at a time as there are cores are faster than one on all of them.
train() {
    local folder=$work/$1
    shift
    if [[ -f $folder/mnist.safetensors ]]; then
        return
    elif [[ -f $folder/checkpoint.safetensors ]]; then
        "$mnist" train --resume "$folder/checkpoint.safetensors" --threads 1 >> "$folder.log" 2>&1
    else
        "$mnist" train "$@" --threads 1 --output "$folder" > "$folder.log" 2>&1
    fi
}
export -f train

validation() {
    seq 1 "$members" | xargs -P "$(nproc)" -I{} bash -c 'train validation-{} --seed {} --validation'
    "$mnist" combine "$work"/validation-*/mnist.safetensors --output "$work/validation.safetensors" --force
}

members() {
    seq 1 $((cascades * members)) | xargs -P "$(nproc)" -I{} bash -c "train member-{} --seed {} --temperature $temperature"
}

cascades() {
    mkdir -p weights/results
    for cascade in $(seq 1 "$cascades"); do
        local files=()
        for member in $(seq $(((cascade - 1) * members + 1)) $((cascade * members))); do
            files+=("$work/member-$member/mnist.safetensors")
        done
        "$mnist" combine "${files[@]}" --output "$work/cascade-$cascade.safetensors" --threshold "$threshold" --temperature "$cascade_temperature" --force
        "$mnist" evaluate --weights "$work/cascade-$cascade.safetensors" --json > "weights/results/cascade-$cascade.json"
    done
    "$mnist" evaluate --weights "$work/cascade-1.safetensors" --corruptions --json > weights/results/corruptions.json
    cp "$work/cascade-1.safetensors" weights/mnist.safetensors
}

mkdir -p "$work"
dotnet build -c Release Mnist.Cli -v quiet
if [[ $# -eq 0 ]]; then
    validation
    members
    cascades
else
    "$1"
fi
