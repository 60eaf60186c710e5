"""Answers each line of JSON on standard input with one on standard output, so that another process can measure PyTorch in turn with others."""
import json
import os
import sys

import torch


def serve(threads, core, commands):
    """Serves with a number of threads until the input ends; bound to a core unless it is negative."""
    torch.set_num_threads(threads)
    if core >= 0 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    print(json.dumps({"version": torch.__version__}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(commands[request.pop("command")](**request)), flush=True)
