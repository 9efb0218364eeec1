"""How much of a run's Frechet distance is the prior's fault, and how much the decoder's blur, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from genmod.quality.result import Quality

Ends = Mapping[str, tuple[float, float]]

# A difference is none if it is smaller than this, or than this share of the larger distance: another ten thousand
# samples would move it as much.
SILENT = 1.0  # nats that the codes carry, below which it is no matter of latents
LEAST, LEAST_SHARE = 0.1, 0.01


def sentence(known: Quality, ends: Ends) -> str:
    """What the differences between three distances say; empty for a run without an encoder.

    The distance from the prior minus the one with codes of real images is the prior's fault: the decoder is the same.
    The one with codes minus that of real test images is the decoder's blur: it drew images of the best latents it
    could get.
    """
    prior, codes = known.number("frechet_distance"), known.number("codes_frechet_distance")
    if prior is None or codes is None:
        return ""
    real = ends["frechet_distance"][0]
    told = known.number("test_kl_loss")
    if told is not None and told < SILENT:
        return (
            f"Here it hardly matters where latents come from: the codes carry {told:.2f} nats, so the decoder learned "
            f"to draw nearly the same image whatever it is given. The Frechet distance is {prior:.2f} with latents "
            f"from the prior and {codes:.2f} with the codes of real images."
        )
    of_prior, of_decoder = _cost(prior, codes), _cost(codes, real)
    if of_prior and of_decoder:
        return (
            f"Of the Frechet distance of {prior:.2f}, {of_prior:.2f} are the prior's fault: with the codes of real "
            f"images as latents {codes:.2f} are left. Of these, {of_decoder:.2f} are the decoder's blur; real test "
            f"images have {real:.2f}."
        )
    if of_prior:
        return (
            f"Of the Frechet distance of {prior:.2f}, {of_prior:.2f} are the prior's fault: with the codes of real "
            f"images as latents it is {codes:.2f}, {_beside(codes, real)} that of real test images, {real:.2f}, so "
            "the decoder's blur costs next to nothing."
        )
    if of_decoder:
        return (
            f"Nothing of the Frechet distance of {prior:.2f} is the prior's fault: with the codes of real images as "
            f"latents it is {codes:.2f}, {_beside(codes, prior)} that from the prior. Of that, {of_decoder:.2f} are "
            f"the decoder's blur; real test images have {real:.2f}."
        )
    return (
        f"Neither the prior nor the decoder's blur costs much: the Frechet distance is {prior:.2f} with latents from "
        f"the prior, {codes:.2f} with the codes of real images, and {real:.2f} for real test images."
    )


def _cost(larger: float, smaller: float) -> float:
    """By how much the first distance exceeds the second; 0 if by no more than chance would."""
    difference = larger - smaller
    return difference if difference > max(LEAST, LEAST_SHARE * larger) else 0.0


def _beside(distance: float, other: float) -> str:
    """Whether a distance is about as large as the other or differs from it, to stand before what it is."""
    return "even below" if _cost(other, distance) else "even above" if _cost(distance, other) else "about"
