"""Answers one JSON line on the output for each JSON line on the input, so that another process can measure PyTorch in turn with others."""
import json
import os
import sys

import torch


def serve(threads, core, commands):
    """Runs with a number of threads, on one core unless it is negative, until the input ends."""
    torch.set_num_threads(threads)
    if core >= 0 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    print(json.dumps({"version": torch.__version__}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(commands[request.pop("command")](**request)), flush=True)
