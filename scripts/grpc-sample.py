"""Draws digits over gRPC in Python, and writes them as one PGM picture.

Usage: grpc-sample.py HOST:PORT MODEL OUT.pgm
Needs grpcio and protobuf (Debian: python3-grpcio, python3-protobuf), and the messages, made by
  protoc -I server/oip-grpc/src/main/proto --python_out=. open_inference_protocol.proto
beside this file or on PYTHONPATH; for a model of 100 numbers without labels, such as dcgan-mnist.
"""
import random
import struct
import sys

import grpc
import open_inference_protocol_pb2 as oip

address, model, out = sys.argv[1:]
count, size = 16, 100
seed = random.Random(42)
latents = [seed.gauss(0, 1) for _ in range(count * size)]

with grpc.insecure_channel(address) as channel:
    infer = channel.unary_unary(
        "/inference.GRPCInferenceService/ModelInfer",
        request_serializer=oip.ModelInferRequest.SerializeToString,
        response_deserializer=oip.ModelInferResponse.FromString)
    request = oip.ModelInferRequest(model_name=model, id="python")
    request.inputs.add(name="latent", datatype="FP32", shape=[count, size])
    request.raw_input_contents.append(struct.pack(f"<{count * size}f", *latents))
    request.outputs.add(name="pixels")
    answer = infer(request, timeout=30)

_, height, width, _ = answer.outputs[0].shape
pixels = answer.raw_output_contents[0]  # uint8 (count, height, width, 1)
with open(out, "wb") as file:
    file.write(b"P5 %d %d 255\n" % (width, count * height))
    file.write(pixels)
print(f"{count} pictures of {answer.model_name} version {answer.model_version} in {out}")
