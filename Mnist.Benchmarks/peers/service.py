"""The same service with Flask, Pillow and PyTorch: gunicorn "service:create('weights.safetensors')"."""
import base64
import io

import flask
import numpy
import torch
from PIL import Image

from network import load


def create(weights):
    """Creates the application. The model is frozen, so that PyTorch can fuse its layers."""
    torch.set_num_threads(1)
    network, architecture = load(weights)
    height, width = architecture["input"]["height"], architecture["input"]["width"]
    model = torch.jit.optimize_for_inference(torch.jit.trace(network, torch.zeros(1, 1, height, width)))
    app = flask.Flask(__name__)

    def decode(item):
        image = Image.open(io.BytesIO(base64.b64decode(item["image"], validate=True)))
        return numpy.asarray(image.convert("L"), dtype=numpy.float32)

    @app.get("/health/ready")
    def ready():
        return {"status": "ready"}

    @app.post("/mnist/classify")
    def classify():
        images = numpy.stack([decode(item) for item in flask.request.get_json()["requests"]])
        with torch.inference_mode():
            probabilities = torch.softmax(model(torch.from_numpy(images / 255).unsqueeze(1)), dim=1)
        best = probabilities.max(dim=1)
        return {"responses": [
            {"class": digit, "probability": probability}
            for digit, probability in zip(best.indices.tolist(), best.values.tolist())
        ]}

    return app
