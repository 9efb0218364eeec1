"""The field's words in plain sentences, so that a page can explain each where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """One word of the field.

    Attributes:
        name: as it is listed.
        explanation: one or two sentences for somebody who meets it for the first time.
        spellings: other forms by which it is found in a text; case does not matter.
    """

    name: str
    explanation: str
    spellings: tuple[str, ...] = ()


TERMS = (
    # Models and their parts
    Term(
        "generative model",
        "A model that has learned from examples how to make new ones of the same sort.",
        ("generative models",),
    ),
    Term(
        "discriminative model",
        "A model that tells things apart: given x, it says how probable each class y is, p(y | x).",
        ("discriminative models",),
    ),
    Term(
        "logistic regression",
        "A simple discriminative model: a weighted sum of the inputs, turned into a probability. Its boundary between "
        "two classes is straight.",
    ),
    Term(
        "boundary",
        "The line on whose two sides a model decides for different classes.",
        ("boundaries", "decision boundary"),
    ),
    Term(
        "density",
        "How probable it is to find a point near a place, for the size of the area around it. Where it is high, points "
        "crowd.",
        ("densities", "p(x)"),
    ),
    Term(
        "joint probability",
        "How probable it is that a thing is x and of class y, both together: p(x, y). Over everything it adds up to 1.",
        ("joint probabilities", "p(x, y)"),
    ),
    Term(
        "conditional probability",
        "How probable class y is once x is known: p(y | x). For each x it adds up to 1.",
        ("conditional probabilities", "p(y | x)"),
    ),
    Term(
        "autoencoder",
        "Two networks trained together: an encoder squeezes an image into a few numbers, a decoder rebuilds the image "
        "from them.",
        ("autoencoders",),
    ),
    Term(
        "VAE",
        "Variational autoencoder: an autoencoder whose codes are spread out and kept close to a normal distribution, "
        "so that random numbers can be decoded too.",
        ("VAEs", "variational autoencoder", "variational autoencoders"),
    ),
    Term(
        "GAN",
        "Generative adversarial network: a generator makes images, a discriminator tells them from real ones, and "
        "each learns from the other.",
        ("GANs", "generative adversarial network", "generative adversarial networks"),
    ),
    Term("encoder", "The network that turns an image into its code, a short list of numbers.", ("encoders",)),
    Term("decoder", "The network that turns a list of latent numbers into an image.", ("decoders",)),
    Term("generator", "The network of a GAN that turns random numbers into an image.", ("generators",)),
    Term(
        "discriminator",
        "The network of a GAN that says how likely an image is to be real rather than generated.",
        ("discriminators",),
    ),
    Term(
        "classifier",
        "A network that says which class an image shows, and how sure it is. Here one measures what models draw: no "
        "model learns from it.",
        ("classifiers",),
    ),
    Term(
        "class-conditional",
        "Trained with the class of each image, so that it can be asked for one.",
        ("trained by class", "conditional"),
    ),
    Term(
        "flow matching",
        "A way of training in which a network learns the direction from noise to data, at every point of the way. "
        "Following it in small steps turns noise into a new sample.",
    ),
    Term(
        "velocity",
        "Where a point is to move next on its way from noise to a code, and how fast.",
        ("velocities", "velocity field", "velocity network"),
    ),
    Term("noise", "Random numbers from the standard normal distribution, which mean nothing yet."),
    Term("Euler", "The plainest way to follow a velocity: straight on in its direction for a step, then look again."),
    Term(
        "Heun",
        "A way to follow a velocity that looks at both ends of a step and takes the mean: better, at twice the cost.",
    ),
    Term(
        "guidance",
        "Drawing with the answer to a class taken further away from the answer to none: clearer images, less variety.",
    ),
    # The latent space
    Term(
        "latents",
        "The few numbers from which a model draws an image. Change them and the image changes.",
        ("latent", "latent number", "latent numbers", "latent vector", "latent vectors"),
    ),
    Term(
        "latent space",
        "All lists of numbers that a model could be given, seen as a space: each point stands for one image.",
        ("latent spaces",),
    ),
    Term("code", "The latent numbers that an encoder gives an image.", ("codes",)),
    Term(
        "prior",
        "The distribution from which latents are drawn when nothing else is known: here the standard normal "
        "distribution.",
    ),
    Term(
        "normal distribution",
        "The bell curve: values near the mean are common, values far from it are rare. The standard one has mean 0 "
        "and standard deviation 1.",
        ("normal distributions", "standard normal", "Gaussian"),
    ),
    Term(
        "mixture",
        "Several normal distributions used together, each for its share of the draws. It can follow clusters that one "
        "bell curve cannot.",
        ("mixtures", "mixture of Gaussians"),
    ),
    Term(
        "standard deviation",
        "How far values usually lie from their mean.",
        ("standard deviations", "sigma"),
    ),
    Term(
        "principal component",
        "A direction in which points spread most. The first two give the flat map that keeps most of the spread.",
        ("principal components", "PCA"),
    ),
    Term(
        "manifold grid",
        "Images decoded from evenly chosen points of the latent space, laid out in the order of those points.",
    ),
    # Training
    Term(
        "unsupervised",
        "Of a training: on images alone, without a label that says what each shows. With labels it is supervised.",
        ("unsupervised learning", "supervised"),
    ),
    Term("epoch", "One pass through all training images.", ("epochs",)),
    Term("batch", "The images that one training step looks at together.", ("batches", "batch size")),
    Term(
        "learning rate",
        "How far one training step moves the weights. Too small is slow, too large never settles.",
        ("learning rates",),
    ),
    Term(
        "weight decay",
        "At each training step all weights are drawn a little towards 0. A net with small weights learns fewer images "
        "by heart.",
    ),
    Term("weights", "The numbers inside a network that training changes.", ("weight",)),
    Term("loss", "The number that training makes smaller: how wrong the model is.", ("losses",)),
    Term(
        "training images",
        "The images that the model learns from. Test images are held back, to see what it makes of new ones.",
        ("training image", "training data", "test images", "test image", "held-out images"),
    ),
    Term(
        "data augmentation",
        "Making more training images of few: by changes that leave the class as it is, such as a shift, or by a "
        "generative model that draws new ones.",
    ),
    Term("accuracy", "The share of images whose class a classifier names right.", ("accuracies",)),
    Term(
        "seed",
        "The number at which random numbers start. The same seed gives the same random numbers.",
        ("seeds",),
    ),
    # Losses
    Term(
        "nats",
        "A unit of information, like bits but with natural logarithms: 1 nat is about 1.44 bits.",
        ("nat",),
    ),
    Term(
        "binary cross-entropy",
        "How badly the brightness that a model gives each pixel predicts the true one, added up over all pixels. Less "
        "is better.",
        ("cross-entropy",),
    ),
    Term(
        "reconstruction",
        "The image that the decoder makes of an image's code. Its loss says how far it is from the original.",
        ("reconstructions", "reconstruction loss"),
    ),
    Term(
        "KL divergence",
        "How much one distribution differs from another, in nats: 0 if they are the same. In a VAE, how far an image's "
        "code lies from the prior.",
        ("KL", "KL loss", "Kullback-Leibler divergence"),
    ),
    Term("beta", "The weight of the KL divergence in a VAE's loss. More makes tidier codes and blurrier images."),
    Term(
        "ELBO",
        "Evidence lower bound: minus the reconstruction loss, minus the KL divergence. The log-likelihood is at least "
        "this much.",
        ("evidence lower bound",),
    ),
    Term(
        "log-likelihood",
        "The logarithm of how probable the model finds an image. More is better.",
        ("log-likelihoods",),
    ),
    Term(
        "binarised",
        "Of an image: made black and white. Dynamically means that each pixel is drawn at random, white with its grey "
        "value as probability.",
        ("binarisation", "dynamic binarisation", "dynamically binarised", "randomly binarised"),
    ),
    Term(
        "importance samples",
        "Several codes drawn for one image, each weighted by how much likelier the model finds it than the encoder "
        "does. Their mean bounds the log-likelihood more tightly than one code.",
        ("importance sample", "importance-weighted", "importance-weighted bound"),
    ),
    Term(
        "IWAE",
        "Importance-weighted autoencoder: a VAE whose loss is the bound from several importance samples instead of the "
        "ELBO.",
        ("IWAEs",),
    ),
    Term(
        "Nash equilibrium",
        "A state of a game in which no player gains by changing alone. In a GAN: forgeries distributed as real images, "
        "and a discriminator that answers one half to all.",
        ("Nash equilibria",),
    ),
    # What goes wrong
    Term(
        "mode collapse",
        "When a GAN draws only a few kinds of images, because those already fool its discriminator.",
        ("mode collapses",),
    ),
    Term(
        "posterior collapse",
        "When a VAE's codes say nothing about the image, so that the decoder always draws about the same.",
    ),
    Term(
        "holes",
        "Places in latent space where no training image has its code. The decoder never learned what to draw there.",
    ),
    # Quality
    Term("sample", "An image drawn from random latents.", ("samples",)),
    Term(
        "sensitivity",
        "Of what is looked for, the share that is found: of all forgeries, those that were called forged.",
    ),
    Term(
        "specificity",
        "Of what is not looked for, the share that is left alone: of all real images, those that were called real.",
    ),
    Term("precision", "The share of generated images that lie among real ones: how many look right."),
    Term("recall", "The share of real images that lie among generated ones: how much of the real variety is there."),
    Term(
        "Frechet distance",
        "How far generated images lie from real ones as a crowd, in what a classifier sees in them. It compares means "
        "and spreads; 0 would be equal.",
        ("Fréchet distance", "Frechet distances", "FID"),
    ),
    Term(
        "features",
        "The numbers in which a network describes an image to itself, in its last layer before the answer.",
        ("feature",),
    ),
    Term(
        "birthday paradox",
        "Among 23 people two share a birthday half of the time, though there are 366 days. How soon draws repeat "
        "themselves therefore tells how many different ones there are.",
    ),
    Term(
        "Student's t",
        "By how many standard deviations a value may be off by chance when the standard deviation itself is known from "
        "a few values only: the fewer, the more.",
    ),
    Term(
        "entropy",
        "How evenly something is spread over its possibilities: 0 if only one ever occurs, largest if all are equally "
        "frequent.",
    ),
)

_BY_SPELLING = {word.lower(): term for term in TERMS for word in (term.name, *term.spellings)}
# The longest first, so that "latent space" is not found as "latent"; parts of longer words are none of them.
_SPELLED = re.compile(
    r"(?<![\w-])(?:" + "|".join(map(re.escape, sorted(_BY_SPELLING, key=len, reverse=True))) + r")(?![\w-])",
    re.IGNORECASE,
)


def term(word: str) -> Term:
    """The term that is spelled like that.

    Raises:
        KeyError: if there is none.
    """
    return _BY_SPELLING[word.lower()]


def occurrences(text: str) -> list[tuple[int, int, Term]]:
    """Where terms stand in a text: start, end and the term, in order."""
    return [(*match.span(), term(match[0])) for match in _SPELLED.finditer(text)]


def found(*texts: str) -> list[Term]:
    """The terms that stand in any of the texts, in order of first appearance."""
    return list(dict.fromkeys(one for text in texts for _, _, one in occurrences(text)))
