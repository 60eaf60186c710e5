"""PyTorch as a peer of the engine: python3 inference.py THREADS CORE, with requests on standard input (see serve.py)."""
import sys
import time

import torch

from network import load, read_images
from serve import serve

model = None
images = None


def prepare(weights, inputs):
    """Loads weights and images. The model is frozen, so that PyTorch can fuse its layers."""
    global model, images
    network, architecture = load(weights)
    images = read_images(inputs, architecture["input"]["height"], architecture["input"]["width"])
    model = torch.jit.optimize_for_inference(torch.jit.trace(network, images))
    return {"images": len(images)}


def logits():
    with torch.inference_mode():
        return {"logits": model(images).flatten().tolist()}


def measure(calls):
    with torch.inference_mode():
        started = time.perf_counter()
        for _ in range(calls):
            model(images)
        return {"seconds": time.perf_counter() - started}


serve(int(sys.argv[1]), int(sys.argv[2]), {"prepare": prepare, "logits": logits, "measure": measure})
