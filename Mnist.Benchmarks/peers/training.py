"""PyTorch as a peer of the trainer: python3 training.py THREADS CORE, with requests on standard input (see serve.py)."""
import sys
import time

import torch
from torch import nn

from network import build, read_images
from serve import serve

model = None
optimizer = None
memory_format = torch.contiguous_format
images = None
labels = None


def prepare(architecture, inputs, classes, learning_rate, channels_last):
    """Builds the network with batch normalisation, and loads the images [N, 1, H, W] and their classes [N]."""
    global model, optimizer, memory_format, images, labels
    torch.manual_seed(1)
    memory_format = torch.channels_last if channels_last else torch.contiguous_format
    model = build(architecture, batch_normalization=True).train().to(memory_format=memory_format)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=1e-2, foreach=True)
    images = read_images(inputs, architecture["input"]["height"], architecture["input"]["width"])
    labels = torch.tensor(classes)
    return {"parameters": sum(parameter.numel() for parameter in model.parameters())}


def epoch(batch):
    """Trains one epoch in random order, in whole batches."""
    started = time.perf_counter()
    order = torch.randperm(len(images))
    total = 0.0
    steps = len(images) // batch
    for step in range(steps):
        chosen = order[step * batch:(step + 1) * batch]
        optimizer.zero_grad(set_to_none=True)
        loss = nn.functional.cross_entropy(model(images[chosen].contiguous(memory_format=memory_format)), labels[chosen])
        loss.backward()
        optimizer.step()
        total += loss.item()
    return {"seconds": time.perf_counter() - started, "loss": total / steps}


serve(int(sys.argv[1]), int(sys.argv[2]), {"prepare": prepare, "epoch": epoch})
