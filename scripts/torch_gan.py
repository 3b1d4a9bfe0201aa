"""The peer of scripts/bench-training and scripts/compare-torch: the same systems in PyTorch.

Usage: torch_gan.py time dcgan|gan STEPS THREADS
           prints the seconds of each step on made-up pictures, a line each
       torch_gan.py train dcgan|gan STEPS THREADS SEED FOLDER OUT.npz
           trains on the 60,000 of MNIST in FOLDER and writes 10,000 samples, float32 in [0, 1]
Architectures, losses, batch sizes and modes are those of the presets of the same names; so are
dcgan's initial weights and latents, on which gan's time does not depend.
"""
import gzip
import sys
import time

import numpy
import torch
from torch import nn
import torch.nn.functional as F


def bn(features, two_d):
    kind = nn.BatchNorm2d if two_d else nn.BatchNorm1d
    return kind(features, eps=1e-3, momentum=0.01)


def dcgan():
    generator = nn.Sequential(
        nn.Linear(100, 12544), nn.Unflatten(1, (256, 7, 7)),
        nn.ConvTranspose2d(256, 128, 3, 2, 1, 1), bn(128, True), nn.LeakyReLU(0.01),
        nn.ConvTranspose2d(128, 64, 3, 1, 1), bn(64, True), nn.LeakyReLU(0.01),
        nn.ConvTranspose2d(64, 1, 3, 2, 1, 1), nn.Tanh())
    discriminator = nn.Sequential(
        nn.Conv2d(1, 32, 3, 2, 1), nn.LeakyReLU(0.01),
        nn.Conv2d(32, 64, 3, 2, 1), bn(64, True), nn.LeakyReLU(0.01),
        nn.Conv2d(64, 128, 3, 2, 1), bn(128, True), nn.LeakyReLU(0.01),
        nn.Flatten(), nn.Linear(2048, 1))
    return generator, discriminator, 128, (1e-3, (0.9, 0.999)), (1e-3, (0.9, 0.999)), False


def gan():
    def block(i, o):
        return [nn.Linear(i, o), nn.LeakyReLU(0.2), bn(o, False)]
    generator = nn.Sequential(
        *block(100, 256), *block(256, 512), *block(512, 1024), nn.Dropout(0.5),
        nn.Linear(1024, 784), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28)))
    discriminator = nn.Sequential(
        nn.Flatten(), nn.Linear(784, 1024), nn.LeakyReLU(0.2), nn.Linear(1024, 512),
        nn.LeakyReLU(0.2), nn.Linear(512, 256), nn.LeakyReLU(0.2), nn.Linear(256, 1))
    return generator, discriminator, 100, (2e-4, (0.5, 0.999)), (2e-4, (0.1, 0.999)), True


def initialise(module):
    if isinstance(module, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)


def made_up(count):
    return (torch.rand(count, 1, 28, 28) * 255).to(torch.uint8)


def mnist(folder):
    with gzip.open(folder + "/train-images-idx3-ubyte.gz") as file:
        pixels = numpy.frombuffer(file.read(), numpy.uint8, offset=16)
    return torch.from_numpy(pixels.reshape(-1, 1, 28, 28).copy())


def batches(data, batch):
    """Every picture once an epoch, in another order each time; a rest is left out."""
    while True:
        order = torch.randperm(len(data))
        for start in range(0, len(data) - batch + 1, batch):
            yield data[order[start:start + batch]]


def train(system, steps, data, each_step):
    generator, discriminator, batch, g_adam, d_adam, joined = {"dcgan": dcgan, "gan": gan}[system]()
    low = 0 if system == "gan" else -1
    for network in (generator, discriminator):
        network.apply(initialise)
    g_optimizer = torch.optim.Adam(generator.parameters(), g_adam[0], g_adam[1], 1e-7)
    d_optimizer = torch.optim.Adam(discriminator.parameters(), d_adam[0], d_adam[1], 1e-7)
    source = batches(data, batch)
    for step in range(steps):
        start = time.perf_counter()
        real = next(source).float() * ((1 - low) / 255) + low
        generator.eval()
        with torch.no_grad():
            fake = generator(torch.randn(batch, 100))
        generator.train()
        d_optimizer.zero_grad(set_to_none=True)
        if joined:
            on_real, on_fake = discriminator(torch.cat([real, fake])).split(batch)
        else:
            on_real, on_fake = discriminator(real), discriminator(fake)
        d_loss = (F.softplus(-on_real).mean() + F.softplus(on_fake).mean()) / 2
        d_loss.backward()
        d_optimizer.step()
        # The generator's update needs no gradients of the discriminator's weights.
        discriminator.requires_grad_(False)
        g_optimizer.zero_grad(set_to_none=True)
        g_loss = F.softplus(-discriminator(generator(torch.randn(batch, 100)))).mean()
        g_loss.backward()
        g_optimizer.step()
        discriminator.requires_grad_(True)
        losses = d_loss.item(), g_loss.item()
        each_step(step + 1, time.perf_counter() - start, *losses)
    return generator, low


def print_time(step, seconds, d_loss, g_loss):
    print(f"{seconds:.6f}")


def print_losses(step, seconds, d_loss, g_loss):
    if step % 100 == 0:
        print(f"step {step}  d_loss {d_loss:.3f}  g_loss {g_loss:.3f}", file=sys.stderr, flush=True)


def main():
    mode, system, steps, threads, *rest = sys.argv[1:]
    torch.set_num_threads(int(threads))
    if mode == "time":
        train(system, int(steps), made_up(10000), print_time)
        return
    seed, folder, out = rest
    torch.manual_seed(int(seed))
    generator, low = train(system, int(steps), mnist(folder), print_losses)
    generator.eval()
    with torch.no_grad():
        made = torch.cat([generator(torch.randn(500, 100)) for _ in range(20)])
    numpy.savez(out, images=((made - low) / (1 - low)).clamp(0, 1).numpy())


main()
