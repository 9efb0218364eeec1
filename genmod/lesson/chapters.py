"""The chapters of the lesson in their order: what each is about, what to guess first, and what to answer at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from genmod.lesson.questions import Question


@dataclass(frozen=True)
class Way:
    """A way from a chapter to the page where the same can be tried without the lesson.

    Attributes:
        label: what can be done there.
        page: its file.
        query: what its link says, so that it opens where the chapter left off.
    """

    label: str
    page: str
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Chapter:
    """One chapter.

    Attributes:
        slug: its name in the link.
        short: its name where there is little room.
        title: its heading.
        lead: what it is about, one or two sentences.
        guess: what to predict before anything is seen. What the picture shows answers it.
        check: the question at the end.
        open: where to go on alone.
    """

    slug: str
    short: str
    title: str
    lead: str
    guess: Question
    check: Question
    open: Way


CHAPTERS = (
    Chapter(
        "describe",
        "Describe",
        "Describe it and get a picture",
        "A classifier is given a picture and says which digit it is. A generative model can be asked the other way "
        "round: say which digit, and it draws one.",
        Question(
            "You ask a model for a seven three times. What will you get?",
            ("The same seven three times", "Three different sevens", "The three training images most like a seven"),
            1,
            "The model draws from new random numbers each time. The digit you ask for stays the same; how it is "
            "written changes with the random numbers.",
        ),
        Question(
            "A weather service is given today's measurements and says how likely rain is tomorrow. What is it?",
            (
                "Discriminative: it gives p(rain | measurements)",
                "Generative: it makes something new",
                "Generative: it uses probabilities",
            ),
            0,
            "It answers one question about given data, which is p(y | x). A generative model of weather could invent "
            "measurements of days that never were.",
        ),
        Way("Ask for digits on the Generate page", "pages/generate.py", {"run": "gan-conditional"}),
    ),
    Chapter(
        "two-ways",
        "Two ways",
        "Two ways to model the same points",
        "A discriminative model learns where one class ends and the next begins. A generative model learns where the "
        "points of each class lie. Both can classify; only one can make new points.",
        Question(
            "A point lies far away from all the others. Which model can notice that it has never seen such a thing?",
            ("The discriminative one", "The generative one", "Both", "Neither"),
            1,
            "The generative model knows how dense its data are everywhere, and there they are nearly absent. The "
            "discriminative one only knows on which side of its boundary the point lies, and far from the boundary it "
            "is surest.",
        ),
        Question(
            "From which of these can you compute the other: p(y | x), or p(x, y)?",
            (
                "From p(x, y) one can compute p(y | x)",
                "From p(y | x) one can compute p(x, y)",
                "Each from the other",
            ),
            0,
            "Divide the row of p(x, y) that belongs to x by its sum, p(x), and you have p(y | x). Back there is no "
            "way: p(y | x) has forgotten how common x is.",
        ),
        Way("Look at the training images", "pages/training-data.py"),
    ),
    Chapter(
        "squeeze",
        "Squeeze",
        "Squeeze an image into a few numbers",
        "An autoencoder has a narrow place in its middle. What cannot be said in so few numbers is lost, and what is "
        "kept is what images have in common.",
        Question(
            "An image has 784 pixels. With how many numbers can an autoencoder rebuild digits so that most are still "
            "recognised?",
            ("About 500", "About 100", "About 10"),
            2,
            "Handwritten digits fill a tiny part of all possible images. The few ways in which they differ can be "
            "said in few numbers.",
        ),
        Question(
            "You pick a point in the latent space of a plain autoencoder, decode it, and get a blot. Why?",
            (
                "The decoder was not trained for long enough",
                "Nothing in its training asked for anything there: no image was ever squeezed into such numbers",
                "Only codes of images can be decoded",
            ),
            1,
            "An autoencoder is only asked to rebuild. Where it puts its codes is its own affair, and between and "
            "around them are holes that the decoder has never been asked about.",
        ),
        Way("Walk through the latent space", "pages/latent-space.py", {"run": "ae-article"}),
    ),
    Chapter(
        "fill",
        "Fill the space",
        "Fill the space without holes",
        "A variational autoencoder says for each image where its code may lie, not where it lies: a mean and a "
        "standard deviation. A second loss keeps all of these near one normal distribution.",
        Question(
            "Beta weighs the second loss, the KL divergence. What happens to random samples when beta grows from 0 "
            "to 30?",
            (
                "They get better and better",
                "They get worse and worse",
                "They first get better, then all look alike",
            ),
            2,
            "Without the second loss there are holes. With too much of it the code says nothing about the image, and "
            "the decoder draws the mean of all.",
        ),
        Question(
            "A text says that a VAE is trained by maximising the KL divergence. What is wrong?",
            (
                "Nothing",
                "The KL divergence is made small; what is maximised is the evidence lower bound, in which it has a "
                "minus",
                "A VAE has no KL divergence",
            ),
            1,
            "The evidence lower bound is minus reconstruction loss minus KL divergence. To maximise it is to make "
            "both small. Codes whose KL divergence grew would flee from where new ones are drawn.",
        ),
        Way("Compare beta from 0 to 30", "pages/latent-space.py", {"run": "row-beta-1", "part": "row"}),
    ),
    Chapter(
        "duel",
        "The duel",
        "A forger against a curator",
        "In a generative adversarial network a generator draws forgeries from random numbers and a discriminator "
        "tries to tell them from real images. Each learns from the other. First, you are the curator.",
        Question(
            "Half of some pictures are forgeries from the end of a training. Of how many will the discriminator, which "
            "was trained to tell them apart, say rightly whether they are real?",
            ("Nearly all", "About two of three", "Half, as if it tossed a coin"),
            1,
            "At the end of a good training the forgeries are so good that the trained discriminator is often wrong, "
            "too. By tossing a coin one is right on half of them.",
        ),
        Question(
            "The discriminator answers 0.5 to every image, real or generated. What can that mean?",
            (
                "The forgeries are as good as real images, or the discriminator has learned nothing",
                "The generator has learned nothing",
                "Half of the images are real",
            ),
            0,
            "0.5 says: I cannot tell. With a good discriminator that is the balance at which the game ends, a Nash "
            "equilibrium; with a bad one it says nothing about the forgeries. Look at the pictures as well.",
        ),
        Way("Watch a training of a GAN", "pages/train.py", {"run": "gan-dense"}),
    ),
    Chapter(
        "after",
        "What came after",
        "From noise to a digit, step by step",
        "Many image models of today have no two players. They begin with noise and take small steps towards an "
        "image, often in the latent space of an autoencoder. Here a network learns in which direction to step.",
        Question(
            "The same network draws in 1, 2, 5, 10 or 20 steps. How do the pictures change?",
            (
                "Not at all: the network is the same",
                "More steps, better pictures, and less and less is gained",
                "Each step adds noise, so fewer are better",
            ),
            1,
            "The network knows in which direction to go from where it is. In one step it goes all the way in the first "
            "direction, to the middle of all; in many it looks again on the way.",
        ),
        Question(
            "What do many image models of today have in common with the VAE of this lesson?",
            (
                "Nothing",
                "They walk in the latent space of an autoencoder, whose decoder then draws the image",
                "Both are trained by a duel of two networks",
            ),
            1,
            "To walk in the few numbers of a latent space costs far less than to walk in the pixels. The model of this "
            "chapter does the same in miniature.",
        ),
        Way("Play the way from noise to digit", "pages/generate.py", {"run": "flow-latent"}),
    ),
    Chapter(
        "augment",
        "What it is good for",
        "More data from little data",
        "Where images are hard to come by, as in medicine, a model can draw more of them. Whether that helps is a "
        "question that can be measured.",
        Question(
            "A classifier has five real images of each digit. What helps it most?",
            (
                "The same images, shifted and turned a little",
                "Images drawn by a model that has seen the same five",
                "Neither helps",
            ),
            0,
            "Shifting and turning puts in something new that is true: a shifted seven is still a seven. A model that "
            "has seen five sevens can only say what is in them already.",
        ),
        Question(
            "A generative model trained on all images of a hospital draws extra images for a classifier that is given "
            "only a few real ones. The classifier gets better. What has been shown?",
            (
                "That generated images make up for missing data",
                "That the other images, which the generative model has seen, were useful",
                "Nothing, since the classifier got better by chance",
            ),
            1,
            "What the model has seen has leaked into its images. A fair comparison trains the generative model on "
            "the same few images as the classifier.",
        ),
        Way("Train a model that can be asked for a digit", "pages/train.py", {"kind": "vae", "preset": "conditional"}),
    ),
    Chapter(
        "choose",
        "Choose the data",
        "A model knows what it was shown",
        "All that a model can draw comes from its training images. Leave some out, or take others, and see what "
        "becomes of it.",
        Question(
            "A model was trained on all digits but the seven. You rebuild a seven with it. What comes out?",
            ("A seven", "Another digit, most often a nine", "An empty picture"),
            1,
            "The decoder can only draw what codes of its own images stand for. It takes the nearest thing it knows.",
        ),
        Question(
            "What does a label add when a generative model is trained?",
            (
                "The images get sharper",
                "The model learns p(x | y): one can ask for a class",
                "Nothing, since the model finds the classes by itself",
            ),
            1,
            "Without labels a model learns p(x), and what it draws is of whatever class chance brings. Told the class "
            "it learns what images of each class look like, and can be asked for one.",
        ),
        Way(
            "Train one without the sevens, or choose other classes", "pages/train.py",
            {"kind": "vae", "preset": "elbo", "classes": "0,1,2,3,4,5,6,8,9"},
        ),
    ),
)  # fmt: skip


def chapter(slug: str) -> Chapter:
    """The chapter of this name.

    Raises:
        StopIteration: if there is none.
    """
    return next(one for one in CHAPTERS if one.slug == slug)
