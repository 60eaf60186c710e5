#!/usr/bin/env bash
# Makes the shipped cascade, and four more of the same recipe with other seeds to see how much luck is in it:
# weights/train.sh [validation|networks|cascades|reject]   (all, in this order, without an argument)
# A cascade has a fast network (the default recipe) and a strong one (docs/recipes/large.json). Runs that are done are kept, runs that were
# interrupted go on: start it again until it ends. About two and a half hours on two cores.
# "reject" trains, in minutes, the small network that tells digits from other images, and puts it into the shipped file.
set -euo pipefail
cd "$(dirname "$0")/.."

cascades=5                # each of networks of its own
fast_temperature=1.24     # mean of what the four validation runs fit
strong_temperature=1.27   # mean of what the two validation runs fit
threshold=0.9686          # mean of what "validation" prints for the eight pairs
cascade_temperature=0.992 # likewise

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

# Each line of standard input is the arguments of a "train".
train_all() {
    xargs -P "$(nproc)" -L 1 bash -c 'train "$@"' train
}

validation() {
    {
        for seed in 1 2; do echo "validation-strong-$seed --recipe docs/recipes/large.json --seed $seed --validation"; done
        for seed in 1 2 3 4; do echo "validation-fast-$seed --seed $seed --validation"; done
    } | train_all
    for fast in 1 2 3 4; do
        for strong in 1 2; do
            "$mnist" combine "$work"/validation-{fast-$fast,strong-$strong}/mnist.safetensors --output "$work/validation-$fast-$strong.safetensors" --force
        done
    done
}

networks() {
    for seed in $(seq "$cascades"); do
        echo "strong-$seed --recipe docs/recipes/large.json --seed $seed --temperature $strong_temperature"
        echo "fast-$seed --seed $seed --temperature $fast_temperature"
    done | train_all
}

cascades() {
    mkdir -p weights/results
    for seed in $(seq "$cascades"); do
        "$mnist" combine "$work"/{fast,strong}-"$seed"/mnist.safetensors --output "$work/cascade-$seed.safetensors" \
            --threshold "$threshold" --temperature "$cascade_temperature" --force
        for network in fast strong cascade; do
            local file=$work/$network-$seed/mnist.safetensors
            [[ $network == cascade ]] && file=$work/cascade-$seed.safetensors
            "$mnist" evaluate --weights "$file" --json > "weights/results/$network-$seed.json"
        done
    done
    "$mnist" evaluate --weights "$work/cascade-1.safetensors" --corruptions --json > weights/results/corruptions.json
    cp "$work/cascade-1.safetensors" weights/mnist.safetensors
}

reject() {
    "$mnist" reject --weights weights/mnist.safetensors --train weights/mnist.safetensors --force
    "$mnist" reject --weights weights/mnist.safetensors --json > weights/results/reject.json
}

mkdir -p "$work"
dotnet build -c Release Mnist.Cli -v quiet
if [[ $# -eq 0 ]]; then
    validation
    networks
    cascades
    reject
else
    "$1"
fi
