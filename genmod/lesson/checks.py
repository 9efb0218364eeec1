"""Six questions before the lesson and six like them after it: two a concept, one of them about something new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from genmod.lesson.questions import Question

UNKNOWN = "I do not know yet"
OPEN = "x"  # stands for an answer that was not given, or that is `UNKNOWN`
MODELS, LATENTS, DUEL = (
    "Generative and discriminative models",
    "The latent space of an autoencoder and of a VAE",
    "How a GAN learns and fails",
)

Answers = tuple[int | None, ...]  # for each question the place of the chosen answer; None if it was left open


@dataclass(frozen=True)
class Item:
    """One question of a check.

    Attributes:
        concept: what it is about; both checks ask about the same, in the same order.
        new: whether it is about something that the lesson does not show, so that what was learned must be carried over.
        question: the question, with one right answer.
    """

    concept: str
    new: bool
    question: Question


BEFORE = (
    Item(
        MODELS,
        False,
        Question(
            "What has a generative model of images learned?",
            (
                "Where the border between one class and the next lies, so that it can sort new ones",
                "What the images are like, so that it can draw new ones",
                "All of its training images by heart",
            ),
            1,
            "It has learned how the images are distributed, p(x), or p(x | y) if it was told the class. From such a "
            "distribution one can draw. Copies of the training images would be nothing new.",
        ),
    ),
    Item(
        MODELS,
        True,
        Question(
            "One program hears a song and says which bird sings. Another is told a bird and makes up a song. What has "
            "the second one learned?",
            ("p(bird | song)", "p(song | bird)", "How often each bird sings, p(bird)"),
            1,
            "What is given stands behind the bar, what comes out stands before it: a song for a bird is drawn from "
            "p(song | bird). The first program answers p(bird | song) and is discriminative.",
        ),
    ),
    Item(
        LATENTS,
        False,
        Question(
            "What does a variational autoencoder do that a plain autoencoder does not?",
            (
                "It keeps its codes near a normal distribution, so that random numbers can be decoded",
                "It rebuilds images more sharply, because its second loss punishes every blurred edge",
                "It manages without a decoder",
            ),
            0,
            "Its second loss, the KL divergence, draws the codes together and spreads each one out. They come to fill "
            "the place from which random numbers are drawn. Sharper it is not: the second loss costs sharpness.",
        ),
    ),
    Item(
        LATENTS,
        True,
        Question(
            "A plain autoencoder of melodies rebuilds each melody well. You give its decoder random numbers and hear "
            "nonsense. What is the likeliest reason?",
            (
                "It was not trained for long enough to tell melodies from noise",
                "Melodies cannot be said in numbers",
                "The numbers lie where no melody has its code",
            ),
            2,
            "It rebuilds well, so it has learned. But nothing asked it to put its codes where random numbers fall, and "
            "for places without codes the decoder has learned nothing.",
        ),
    ),
    Item(
        DUEL,
        False,
        Question(
            "From what does the generator of a GAN learn how to draw better?",
            (
                "From real images, which it is shown beside its own to compare the two",
                "From the discriminator's answers to its images",
                "From people who mark its images",
            ),
            1,
            "The error of the discriminator's answer goes back through the discriminator into the generator. Real "
            "images are shown to the discriminator alone.",
        ),
    ),
    Item(
        DUEL,
        True,
        Question(
            "A GAN is to draw cats. Its discriminator has been right about every image for hours, and the drawings do "
            "not get better. What has happened?",
            (
                "The discriminator is so far ahead that its answers tell the generator nothing to go by",
                "The balance is reached: the training is at its end",
                "The generator has learned the cats by heart",
            ),
            0,
            "In the balance the discriminator can only guess. Here it is sure of everything: whatever the generator "
            "changes, the answer stays the same, and there is no direction in which to improve.",
        ),
    ),
)

AFTER = (
    Item(
        MODELS,
        False,
        Question(
            "Which of the two can make new images, and why?",
            (
                "The discriminative model, because it knows each class and what tells it from the others",
                "Both, because both compute probabilities",
                "The generative model, because it has learned how images are distributed",
            ),
            2,
            "Probabilities alone are not enough: p(y | x) says nothing about what images there are. The generative "
            "model has learned p(x) or p(x | y), and can draw from it.",
        ),
    ),
    Item(
        MODELS,
        True,
        Question(
            "A program is given a heartbeat and says how likely each illness is. Can it be used to make up heartbeats "
            "of an illness, for students to practise on?",
            (
                "Yes, if it is sure enough",
                "No: it has learned p(illness | heartbeat), and that would need p(heartbeat | illness)",
                "Yes: one reads the table of probabilities the other way round",
            ),
            1,
            "It knows where one illness ends and the next begins, not what heartbeats are like. From p(illness | "
            "heartbeat) there is no way back without knowing p(heartbeat).",
        ),
    ),
    Item(
        LATENTS,
        False,
        Question(
            "Why do random numbers mostly give better images with a VAE than with a plain autoencoder?",
            (
                "Because its decoder is larger",
                "Because its codes fill the place where random numbers fall, with few holes",
                "Because its reconstruction loss is smaller, so that every image is drawn more exactly",
            ),
            1,
            "The KL divergence holds the codes near the prior, from which the random numbers come. The decoder itself "
            "can be the same, and the reconstruction loss is usually larger.",
        ),
    ),
    Item(
        LATENTS,
        True,
        Question(
            "A VAE of molecules rebuilds each molecule almost perfectly, but what it makes of random numbers is no "
            "molecule at all. What would you try first?",
            (
                "Give more weight to the KL divergence",
                "Give less weight to the KL divergence",
                "Train for longer, until each is rebuilt perfectly",
            ),
            0,
            "Almost perfect reconstructions and poor samples say that the codes lie apart, with holes between them. "
            "More weight on the KL divergence draws them together, at some cost to the reconstructions.",
        ),
    ),
    Item(
        DUEL,
        False,
        Question(
            "From what does the discriminator of a GAN learn?",
            (
                "From real images and forgeries, knowing which is which",
                "From labels that say to which class each real image belongs",
                "From the generator's random numbers",
            ),
            0,
            "It is a classifier of two classes, real and generated, and its error goes back through itself. Labels of "
            "classes are not needed: where the images come from is known anyway.",
        ),
    ),
    Item(
        DUEL,
        True,
        Question(
            "A GAN trained on photographs of all kinds of shoes draws one and the same boot again and again. Each "
            "looks real. What has happened?",
            (
                "The balance is reached, since the discriminator takes each picture for real",
                "Posterior collapse: its codes say nothing",
                "Mode collapse: the generator has found what passes, and stays with it",
            ),
            2,
            "The discriminator looks at one picture at a time, and each single one is good. What is lost is the "
            "variety, which only many pictures together show. A posterior collapse is what happens to the codes of a "
            "VAE.",
        ),
    ),
)

COUNT = len(BEFORE)
EXAMPLE = "01x210"  # in a link
OPTIONS = 3  # of each question, besides UNKNOWN
BY_CHANCE = COUNT / OPTIONS  # right answers of somebody who guesses each time, on average


def read(text: str) -> Answers | None:
    """Answers as a link or a file holds them, such as "01x210"; None if these are none."""
    if len(text) != COUNT:
        return None
    places = {OPEN: None} | {str(place): place for place in range(OPTIONS)}
    return tuple(places[sign] for sign in text) if all(sign in places for sign in text) else None


def encoded(answers: Sequence[int | None]) -> str:
    """Answers as a link or a file holds them.

    Raises:
        ValueError: if these are no answers to a check.
    """
    text = "".join(OPEN if place is None else str(place) for place in answers)
    if read(text) is None:
        raise ValueError(f"{text[:40]!r} are no answers to a check.")
    return text


def marks(check: Sequence[Item], answers: Sequence[int | None]) -> list[bool]:
    """For each question of a check whether its answer is right."""
    return [place == item.question.right for item, place in zip(check, answers, strict=True)]
