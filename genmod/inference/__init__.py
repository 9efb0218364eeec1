"""Running exported models with LiteRT: sample, encode, judge. No TensorFlow."""

from genmod.inference.discriminator import Discriminator
from genmod.inference.encoder import Encoder
from genmod.inference.exports import DECODER, DISCRIMINATOR, ENCODER, GENERATOR, check
from genmod.inference.model import BATCH, Model
from genmod.inference.sampler import Sampler, turns

__all__ = [
    "BATCH",
    "DECODER",
    "DISCRIMINATOR",
    "ENCODER",
    "GENERATOR",
    "Discriminator",
    "Encoder",
    "Model",
    "Sampler",
    "check",
    "turns",
]
