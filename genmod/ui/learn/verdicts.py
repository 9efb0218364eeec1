"""Pictures with what is said of them as markup: the curator's verdicts, and a discriminator's answers as bars."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping

import numpy as np
import streamlit as st

from genmod.datasets import Floats, Images
from genmod.drawing import images
from genmod.drawing.players import Step
from genmod.lesson.curator import Round, Score, Truths
from genmod.lesson.steps import Message, Pairs
from genmod.ui import frame
from genmod.ui.pictures import Markup

SIDE = 84  # of a picture: three times its 28 pixels
PHONE = 56
LIGHTER, DARKER = (63, 182, 232), (240, 161, 60)
# By step, where the answers to real images and to forgeries are to go: up, down or nowhere.
WANTED: Mapping[Step, tuple[int, int]] = {"judge": (0, 0), "discriminator": (1, -1), "generator": (0, 1)}
ARROWS = {1: ("▲", ", to go up"), -1: ("▼", ", to go down"), 0: ("", "")}

STYLE = f"""
<style>
.gm-verdicts {{ display: grid; grid-template-columns: repeat(10, {SIDE}px); gap: 0.6rem 10px;
  margin: 0 !important; padding: 4px !important; list-style: none;
  font-size: 0.8125rem; line-height: 1.3; font-variant-numeric: tabular-nums; }}
.gm-verdicts li {{ margin: 0 !important; padding: 0 !important; }}
.gm-verdicts img {{ display: block; width: {SIDE}px; height: {SIDE}px; image-rendering: pixelated; border-radius: 4px;
  background: #000; outline: 1px solid rgba(128, 128, 128, 0.5); }}
.gm-verdicts .gm-is-forged img {{ outline: 3px solid var(--gm-mark); }}
.gm-verdicts b {{ display: block; font-weight: 600; margin-top: 0.25rem; }}
.gm-verdicts span {{ display: block; white-space: nowrap; }}
.gm-verdicts .gm-wrong {{ font-weight: 600; }}
.gm-judged {{ border-collapse: collapse; font-size: 0.9375rem; line-height: 1.4; font-variant-numeric: tabular-nums; }}
.gm-judged th, .gm-judged td {{ text-align: left; padding: 0.3rem 1.4rem 0.3rem 0; font-weight: 400;
  border-bottom: 1px solid rgba(128, 128, 128, 0.3); vertical-align: top; }}
.gm-judged thead th {{ font-size: 0.8125rem; opacity: 0.85; }}
.gm-judged td strong {{ font-size: 1.15rem; font-weight: 600; }}
.gm-pairs {{ margin: 0; }}
.gm-pairs div {{ display: grid; grid-template-columns: repeat(5, {SIDE}px); gap: 10px; margin: 0 0 0.9rem; }}
.gm-pairs h4 {{ font-size: 0.875rem; font-weight: 600; margin: 0 0 0.3rem; padding: 0; }}
.gm-pairs img {{ display: block; width: {SIDE}px; height: {SIDE}px; image-rendering: pixelated; background: #000;
  border-radius: 4px; outline: 1px solid rgba(128, 128, 128, 0.5); }}
.gm-pairs .gm-track {{ position: relative; height: 8px; margin: 6px 0 2px; border-radius: 4px; display: block;
  background: rgba(128, 128, 128, 0.28); }}
.gm-pairs .gm-track i {{ position: absolute; inset: 0 auto 0 0; border-radius: 4px; background: var(--gm-mark); }}
.gm-pairs .gm-track u {{ position: absolute; left: 50%; top: -2px; bottom: -2px; width: 1px;
  background: currentColor; }}
.gm-pairs p {{ margin: 0; font-size: 0.8125rem; line-height: 1.3; font-variant-numeric: tabular-nums; }}
.gm-pairs p em {{ font-style: normal; color: var(--gm-mark); font-weight: 600; padding-left: 0.3rem; }}
@media (max-width: 1080px) {{ .gm-verdicts {{ grid-template-columns: repeat(5, {SIDE}px); }} }}
@media (max-width: 640px) {{
  .gm-verdicts {{ grid-template-columns: repeat(4, {SIDE}px); gap: 0.6rem 6px; padding: 3px !important; }}
  .gm-judged th, .gm-judged td {{ padding-right: 0.6rem; font-size: 0.875rem; }}
  .gm-pairs div {{ grid-template-columns: repeat(5, {PHONE}px); }}
  .gm-pairs img {{ width: {PHONE}px; height: {PHONE}px; }}
}}
</style>
"""


def style() -> None:
    """Send the style of all that is shown here, with the colour of marks in the visitor's theme."""
    st.html(STYLE)
    st.html(f"<style>:root {{ --gm-mark: {frame.accent()} }}</style>")


def show_round(shown: Round, called: Truths, answers: Floats, suspected: Truths) -> None:
    """Show the twenty pictures with the truth, the visitor's verdict and the discriminator's answer.

    Args:
        called: which the visitor called forged, (20,).
        answers: the discriminator's, (20,).
        suspected: which it calls forged, (20,).
    """
    verdicts = (shown.forged.tolist(), called.tolist(), answers.tolist(), suspected.tolist())
    cells = [
        _cell(number, picture, *verdict)
        for number, (picture, *verdict) in enumerate(zip(shown.pictures, *verdicts, strict=True), 1)
    ]
    st.html(f'<ul class="gm-verdicts">{"".join(cells)}</ul>')


def _cell(number: int, picture: Images, forged: bool, called: bool, answer: float, suspected: bool) -> Markup:
    truth = "Forged" if forged else "Real"
    said = _said("You", called == forged) + _said(f"Net {_shown(answer)}", suspected == forged)
    return Markup(
        f"<li{' class=gm-is-forged' if forged else ''}>{_image(picture, f'Picture {number:d}: {truth.lower()}.')}"
        f"<b>{html.escape(truth)}</b>{said}</li>"
    )


def _shown(answer: float) -> str:
    """An answer in two digits, or in three where two do not tell on which side of one half it lies."""
    return f"{answer:.3f}" if f"{answer:.2f}" == "0.50" else f"{answer:.2f}"


def _said(who: str, right: bool) -> Markup:
    sign, word = ("✓", "right") if right else ("✗", "wrong")
    return Markup(
        f"<span{'' if right else ' class=gm-wrong'}>{html.escape(who)} "
        f'<i role="img" aria-label="{html.escape(word)}" style="font-style:normal">{html.escape(sign)}</i></span>'
    )


def show_scores(scores: Mapping[str, tuple[Score, Score]]) -> None:
    """Show the shares of the visitor and the discriminator, by what the forgeries were from."""
    rows = [f"<tr><th>{html.escape(what)}</th>{_shares(own)}{_shares(net)}</tr>" for what, (own, net) in scores.items()]
    head = "".join(
        f"<th>{html.escape(who)}<br>{html.escape(share)}</th>"
        for who in ("You", "Discriminator")
        for share in ("sensitivity", "specificity")
    )
    st.html(
        f'<table class="gm-judged"><thead><tr><th>Forgeries from</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _shares(found: Score) -> Markup:
    return Markup(
        f"<td><strong>{found.sensitivity:.0%}</strong><br>{found.found:d} of {found.forgeries:d}</td>"
        f"<td><strong>{found.specificity:.0%}</strong><br>{found.spared:d} of {found.real:d}</td>"
    )


def show_pairs(shown: Pairs, step: Step) -> None:
    """Show real images above forgeries, the answer to each as a bar, and an arrow where it is to go in this step."""
    real, forged = WANTED[step]
    st.html(
        f'<figure class="gm-pairs">{_row("Real images", shown.real, shown.d_real, real)}'
        f"{_row('Forgeries', shown.forged, shown.d_fake, forged)}</figure>"
    )


def _row(title: str, pictures: Images, answers: Floats, wanted: int) -> Markup:
    sign, words = ARROWS[wanted]
    cells = [
        f"<span>{_image(picture, f'One of the {title.lower()}, answer {answer:.2f}{words}.')}"
        f'<span class="gm-track"><i style="width:{100 * answer:.0f}%"></i><u></u></span>'
        f'<p aria-hidden="true">{answer:.2f}<em>{html.escape(sign)}</em></p></span>'
        for picture, answer in zip(pictures, answers.tolist(), strict=True)
    ]
    return Markup(f"<h4>{html.escape(title)}</h4><div>{''.join(cells)}</div>")


def _image(picture: Images, alt: str) -> Markup:
    encoded = base64.b64encode(images.png(picture)).decode()
    return Markup(f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{encoded}">')


def slopes(message: Message) -> bytes:
    """A picture of the error at each pixel as a PNG file: black for none, blue for lighter, orange for darker."""
    strongest = float(np.abs(message.slopes).max()) or 1.0
    share = (message.slopes / strongest)[..., np.newaxis]
    mixed = np.clip(share, 0, 1) * np.array(LIGHTER) + np.clip(-share, 0, 1) * np.array(DARKER)
    return images.png(np.rint(mixed).astype(np.uint8))
