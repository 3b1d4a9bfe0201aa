"""One side of scripts/bench-training: the same adversarial steps in PyTorch.

Usage: bench_torch.py dcgan|gan STEPS THREADS; prints the seconds of each step, a line each.
Architectures, losses, batch sizes and modes are those of the presets of the same names.
"""
import sys
import time

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


def main():
    torch.set_num_threads(int(sys.argv[3]))
    generator, discriminator, batch, g_adam, d_adam, joined = {"dcgan": dcgan, "gan": gan}[sys.argv[1]]()
    g_optimizer = torch.optim.Adam(generator.parameters(), g_adam[0], g_adam[1], 1e-7)
    d_optimizer = torch.optim.Adam(discriminator.parameters(), d_adam[0], d_adam[1], 1e-7)
    data = (torch.rand(10000, 1, 28, 28) * 255).to(torch.uint8)
    for _ in range(int(sys.argv[2])):
        start = time.perf_counter()
        real = data[torch.randint(0, 10000, (batch,))].float() * (2 / 255) - 1
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
        d_loss.item(), g_loss.item()
        print(f"{time.perf_counter() - start:.6f}")


main()
