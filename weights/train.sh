#!/usr/bin/env bash
# Makes the shipped cascade from scratch, and four more with other seeds to measure the spread between seeds.
#   weights/train.sh                                          all parts, in this order
#   weights/train.sh validation|networks|cascades|reject      one part
# validation  trains networks without the last 10,000 training images and fits the threshold and the temperatures on these images
# networks    trains five networks of each stage on all 60,000 training images
# cascades    combines them, evaluates them and writes weights/mnist.safetensors with seed 1
# reject      trains the out-of-distribution detector and adds it to weights/mnist.safetensors
# The first stage uses the default recipe, the second stage weights/second-stage.json.
# Finished runs are kept and interrupted runs are resumed: start the script again until it ends. About two and a half hours on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."

cascades=5
first_temperature=1.24     # mean of what the four validation runs of the first stage fit
second_temperature=1.27    # mean of what the two validation runs of the second stage fit
threshold=0.9686           # mean of what "validation" prints for the eight pairs
cascade_temperature=0.992  # likewise

work=artifacts/accuracy
mnist=artifacts/bin/Mnist.Cli/release/mnist
export mnist work

# train NAME ARGUMENTS...: one network on one core. One network a core is faster than one network on all cores.
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

# Each line of standard input holds the arguments of one "train".
train_all() {
    xargs -P "$(nproc)" -L 1 bash -c 'train "$@"' train
}

validation() {
    {
        for seed in 1 2; do echo "validation-second-$seed --recipe weights/second-stage.json --seed $seed --validation"; done
        for seed in 1 2 3 4; do echo "validation-first-$seed --seed $seed --validation"; done
    } | train_all
    for first in 1 2 3 4; do
        for second in 1 2; do
            "$mnist" combine "$work"/validation-{first-$first,second-$second}/mnist.safetensors --output "$work/validation-$first-$second.safetensors" --force
        done
    done
}

networks() {
    for seed in $(seq "$cascades"); do
        echo "second-$seed --recipe weights/second-stage.json --seed $seed --temperature $second_temperature"
        echo "first-$seed --seed $seed --temperature $first_temperature"
    done | train_all
}

cascades() {
    mkdir -p weights/results
    for seed in $(seq "$cascades"); do
        "$mnist" combine "$work"/{first,second}-"$seed"/mnist.safetensors --output "$work/cascade-$seed.safetensors" \
            --threshold "$threshold" --temperature "$cascade_temperature" --force >&2
        for weights in "$work"/{first,second}-"$seed"/mnist.safetensors "$work/cascade-$seed.safetensors"; do
            "$mnist" evaluate --weights "$weights" --json
        done
    done > weights/results/seeds.jsonl
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
