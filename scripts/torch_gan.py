"""The peer of scripts/bench-training and scripts/compare-torch: Djinn's presets in PyTorch.

Usage: torch_gan.py time SYSTEM STEPS THREADS
           prints the seconds of each step on made-up pictures, a line each
       torch_gan.py train SYSTEM STEPS THREADS SEED FOLDER OUT.npz
           trains on the 60,000 of MNIST in FOLDER and writes 10,000 samples, float32 in [0, 1],
           with their labels if the system has them
SYSTEM is gan, dcgan, cgan or upsampling-gan, each by its document as the preset of that name is:
architecture, initial weights, latents, losses, padding, batches, batch norm's modes and the order
of the updates.
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


class SameConv(nn.Conv2d):
    """TensorFlow's "same": the odd row and column of zeros is at the bottom and the right."""

    def __init__(self, i, o, kernel, stride):
        super().__init__(i, o, kernel, stride)

    def forward(self, x):
        pads = []
        for side, k, s in zip(reversed(x.shape[2:]), reversed(self.kernel_size), reversed(self.stride)):
            total = max((-(-side // s) - 1) * s + k - side, 0)
            pads += [total // 2, total - total // 2]
        return super().forward(F.pad(x, pads))


class SameDeconv(nn.ConvTranspose2d):
    """The transpose of SameConv: the sides are those of the input times the stride."""

    def __init__(self, i, o, kernel, stride):
        super().__init__(i, o, kernel, stride)

    def forward(self, x):
        y = super().forward(x)
        h, w = (side * s for side, s in zip(x.shape[2:], self.stride))
        top, left = (y.shape[2] - h) // 2, (y.shape[3] - w) // 2
        return y[:, :, top:top + h, left:left + w]


def deconvolutions():
    return nn.Sequential(
        nn.Linear(100, 12544), nn.Unflatten(1, (256, 7, 7)),
        SameDeconv(256, 128, 3, 2), bn(128, True), nn.LeakyReLU(0.01),
        SameDeconv(128, 64, 3, 1), bn(64, True), nn.LeakyReLU(0.01),
        SameDeconv(64, 1, 3, 2), nn.Tanh())


def convolutions(channels, first):
    return nn.Sequential(
        SameConv(channels, first, 3, 2), nn.LeakyReLU(0.01),
        SameConv(first, 64, 3, 2), bn(64, True), nn.LeakyReLU(0.01),
        SameConv(64, 128, 3, 2), bn(128, True), nn.LeakyReLU(0.01),
        nn.Flatten(), nn.Linear(2048, 1))


class Multiplied(nn.Module):
    """The label's embedding times the latent, then the body."""

    def __init__(self, body):
        super().__init__()
        self.embedding, self.body = nn.Embedding(10, 100), body

    def forward(self, z, label):
        return self.body(z * self.embedding(label))


class Stacked(nn.Module):
    """The label's embedding as a second channel, then the body."""

    def __init__(self, body):
        super().__init__()
        self.embedding, self.body = nn.Embedding(10, 784), body

    def forward(self, x, label):
        return self.body(torch.cat([x, self.embedding(label).view(-1, 1, 28, 28)], 1))


class System:
    """What the four have in common; each overrides what its document has otherwise."""
    batch, low, conditional, joined, drawn = 128, -1, False, False, True
    g_adam = d_adam = dict(lr=1e-3, betas=(0.9, 0.999), eps=1e-7)

    def latent(self, n):
        return torch.randn(n, 100)

    def initialise(self, module):
        if isinstance(module, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
        if isinstance(module, nn.Embedding):
            nn.init.uniform_(module.weight, -0.05, 0.05)

    def on_real(self, output):
        return F.softplus(-output).mean()

    def on_fake(self, output):
        return F.softplus(output).mean()

    def right(self, real, fake):
        return ((real > 0).float().mean() + (fake < 0).float().mean()) / 2


class Dcgan(System):
    def networks(self):
        return deconvolutions(), convolutions(1, 32)


class Cgan(System):
    batch, conditional = 32, True

    def networks(self):
        return Multiplied(deconvolutions()), Stacked(convolutions(2, 64))


class Gan(System):
    batch, low, joined, drawn = 100, 0, True, False
    g_adam = dict(lr=2e-4, betas=(0.5, 0.999), eps=1e-8)
    d_adam = dict(lr=2e-4, betas=(0.1, 0.999), eps=1e-8)

    def latent(self, n):
        return torch.rand(n, 100) * 2 - 1

    def networks(self):
        def block(i, o):
            return [nn.Linear(i, o), nn.LeakyReLU(0.2), bn(o, False)]
        generator = nn.Sequential(
            *block(100, 256), *block(256, 512), *block(512, 1024), nn.Dropout(0.5),
            nn.Linear(1024, 784), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28)))
        # The sigmoid's output goes to a loss that applies another, as in the document.
        discriminator = nn.Sequential(
            nn.Flatten(), nn.Linear(784, 1024), nn.LeakyReLU(0.2), nn.Linear(1024, 512),
            nn.LeakyReLU(0.2), nn.Linear(512, 256), nn.LeakyReLU(0.2), nn.Linear(256, 1), nn.Sigmoid())
        return generator, discriminator

    def initialise(self, module):
        if isinstance(module, nn.Linear):
            for array in module.weight, module.bias:
                nn.init.trunc_normal_(array, std=0.02, a=-0.04, b=0.04)

    def right(self, real, fake):
        return ((real > 0.5).float().mean() + (fake < 0.5).float().mean()) / 2


class UpsamplingGan(System):
    low, joined = 0, True
    d_adam = dict(lr=1e-4, betas=(0.9, 0.999), eps=1e-7)

    def latent(self, n):
        return torch.rand(n, 100)

    def networks(self):
        generator = nn.Sequential(
            nn.Linear(100, 39200), bn(39200, False), nn.ReLU(), nn.Unflatten(1, (200, 14, 14)),
            nn.Upsample(scale_factor=2), SameConv(200, 100, 3, 1), bn(100, True), nn.ReLU(),
            SameConv(100, 50, 3, 1), bn(50, True), nn.ReLU(), SameConv(50, 1, 1, 1), nn.Sigmoid())
        discriminator = nn.Sequential(
            SameConv(1, 256, 5, 2), nn.LeakyReLU(0.2), nn.Dropout(0.25),
            SameConv(256, 512, 5, 2), nn.LeakyReLU(0.2), nn.Dropout(0.25),
            nn.Flatten(), nn.Linear(25088, 256), nn.LeakyReLU(0.2), nn.Dropout(0.25), nn.Linear(256, 2))
        return generator, discriminator

    def initialise(self, module):
        super().initialise(module)
        if isinstance(module, nn.Linear) and module.out_features == 39200:
            deviation = (2 / (100 + 39200)) ** 0.5 / 0.87962566103423978
            nn.init.trunc_normal_(module.weight, std=deviation, a=-2 * deviation, b=2 * deviation)

    def on_real(self, output):
        return F.softplus(output[:, 0] - output[:, 1]).mean()

    def on_fake(self, output):
        return F.softplus(output[:, 1] - output[:, 0]).mean()

    def right(self, real, fake):
        return super().right(real[:, 1] - real[:, 0], fake[:, 1] - fake[:, 0])


SYSTEMS = {"gan": Gan, "dcgan": Dcgan, "cgan": Cgan, "upsampling-gan": UpsamplingGan}


def made_up(count):
    return (torch.rand(count, 1, 28, 28) * 255).to(torch.uint8), torch.randint(0, 10, (count,))


def mnist(folder):
    def read(kind, offset):
        with gzip.open(f"{folder}/train-{kind}-ubyte.gz") as file:
            return torch.from_numpy(numpy.frombuffer(file.read(), numpy.uint8, offset=offset).copy())
    return read("images-idx3", 16).view(-1, 1, 28, 28), read("labels-idx1", 8).long()


def batches(count, batch, drawn):
    """Each drawn anew from all; or every picture once an epoch, in another order each time."""
    while drawn:
        yield torch.randint(0, count, (batch,))
    while True:
        order = torch.randperm(count)
        for start in range(0, count - batch + 1, batch):
            yield order[start:start + batch]


def train(system, steps, data, each_step):
    generator, discriminator = system.networks()
    for network in (generator, discriminator):
        network.apply(system.initialise)
    batch = system.batch
    g_optimizer = torch.optim.Adam(generator.parameters(), **system.g_adam)
    d_optimizer = torch.optim.Adam(discriminator.parameters(), **system.d_adam)
    source = batches(len(data[0]), batch, system.drawn)

    def learn(optimizer, loss):
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    for step in range(steps):
        start = time.perf_counter()
        picked = next(source)
        real = data[0][picked].float() * ((1 - system.low) / 255) + system.low
        given = (data[1][picked],) if system.conditional else ()
        generator.eval()
        with torch.no_grad():
            fake = generator(system.latent(batch), *given)
        generator.train()
        if system.joined:
            real_out, fake_out = discriminator(torch.cat([real, fake]), *given).split(batch)
            d_loss = (system.on_real(real_out) + system.on_fake(fake_out)) / 2
            learn(d_optimizer, d_loss)
        else:
            real_out = discriminator(real, *given)
            real_loss = system.on_real(real_out)
            learn(d_optimizer, real_loss)
            fake_out = discriminator(fake, *given)
            fake_loss = system.on_fake(fake_out)
            learn(d_optimizer, fake_loss)
            d_loss = (real_loss + fake_loss) / 2
        # The generator's update needs no gradients of the discriminator's weights.
        discriminator.requires_grad_(False)
        asked = (torch.randint(0, 10, (batch,)),) if system.conditional else ()
        g_loss = system.on_real(discriminator(generator(system.latent(batch), *asked), *asked))
        learn(g_optimizer, g_loss)
        discriminator.requires_grad_(True)
        figures = d_loss.item(), g_loss.item(), system.right(real_out, fake_out).item()
        each_step(step + 1, time.perf_counter() - start, *figures)
    return generator


def print_time(step, seconds, d_loss, g_loss, right):
    print(f"{seconds:.6f}")


def print_losses(step, seconds, d_loss, g_loss, right):
    if step % 100 == 0:
        print(f"step {step}  d_loss {d_loss:.3f}  g_loss {g_loss:.3f}  d_accuracy {right:.3f}",
              file=sys.stderr, flush=True)


def main():
    mode, name, steps, threads, *rest = sys.argv[1:]
    torch.set_num_threads(int(threads))
    system = SYSTEMS[name]()
    if mode == "time":
        train(system, int(steps), made_up(10000), print_time)
        return
    seed, folder, out = rest
    torch.manual_seed(int(seed))
    generator = train(system, int(steps), mnist(folder), print_losses)
    generator.eval()
    labels = torch.arange(10000) % 10
    with torch.no_grad():
        made = torch.cat([
            generator(system.latent(500), *((some,) if system.conditional else ()))
            for some in labels.split(500)])
    arrays = {"images": ((made - system.low) / (1 - system.low)).clamp(0, 1).numpy()}
    if system.conditional:
        arrays["labels"] = labels.numpy()
    numpy.savez(out, **arrays)


main()
