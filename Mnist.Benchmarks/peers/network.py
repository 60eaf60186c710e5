"""Builds a network in PyTorch from a weights file (safetensors) or from the JSON of its architecture."""
import json
import struct

import torch
from torch import nn


def read_safetensors(path):
    """Returns the metadata, and the tensors by name. The file has 8 bytes of header length, the JSON header and little-endian floats."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    metadata = header.pop("__metadata__")
    values = torch.frombuffer(data, dtype=torch.float32)
    tensors = {
        name: values[entry["data_offsets"][0] // 4:entry["data_offsets"][1] // 4].reshape(entry["shape"])
        for name, entry in header.items()
    }
    return metadata, tensors


def read_images(path, height, width):
    """Reads raw floats as images [N, 1, height, width]."""
    with open(path, "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=torch.float32).reshape(-1, 1, height, width)


def build(architecture, batch_normalization=False):
    """Creates the layers in their order. Batch normalisation, if requested, follows each convolution and replaces its bias."""
    height, width, channels = (architecture["input"][key] for key in ("height", "width", "channels"))
    layers = []
    flat = False
    for layer in architecture["layers"]:
        kind = layer["type"]
        if kind == "conv2d":
            kernel = layer["kernel"]
            padding = kernel // 2 if layer["padding"] == "same" else 0
            layers.append(nn.Conv2d(channels, layer["channels"], kernel, padding=padding, bias=not batch_normalization))
            channels = layer["channels"]
            height, width = height + 2 * padding - kernel + 1, width + 2 * padding - kernel + 1
            if batch_normalization:
                layers.append(nn.BatchNorm2d(channels))
        elif kind == "max_pool2d":
            layers.append(nn.MaxPool2d(layer["size"]))
            height, width = height // layer["size"], width // layer["size"]
        elif kind == "relu":
            layers.append(nn.ReLU())
        elif kind == "dense":
            if not flat:
                layers.append(nn.Flatten())
                flat = True
            layers.append(nn.Linear(channels * height * width, layer["units"]))
            channels, height, width = layer["units"], 1, 1
        else:
            raise ValueError(f"unknown layer type '{kind}'")
    return nn.Sequential(*layers)


def load(path):
    """Returns the network of a weights file, ready for inference, and its architecture."""
    metadata, tensors = read_safetensors(path)
    architecture = json.loads(metadata["architecture"])
    network = build(architecture)
    counts = {"conv": 0, "dense": 0}
    with torch.no_grad():
        for layer in network:
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                kind = "conv" if isinstance(layer, nn.Conv2d) else "dense"
                counts[kind] += 1
                layer.weight.copy_(tensors[f"{kind}{counts[kind]}.weight"])
                layer.bias.copy_(tensors[f"{kind}{counts[kind]}.bias"])
    return network.eval(), architecture
