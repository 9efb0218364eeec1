"""Words that open their explanation: markup that is safe, and a name for each."""

from __future__ import annotations

import re

from genmod.kinds import glossary
from genmod.ui import terms


def test_each_button_opens_an_explanation_that_is_there() -> None:
    markup = terms.marked("Precision and recall of samples; recall again.")
    targets = re.findall(r'popovertarget="([^"]+)"', markup)
    assert targets == re.findall(r'<span popover class="gm-explained" id="([^"]+)"', markup)
    assert len(set(targets)) == 3  # the second "recall" is left as it is
    assert re.findall(r"<button[^>]*>(.*?)</button>", markup) == ["Precision", "recall", "samples"]
    assert glossary.term("recall").explanation in markup


def test_the_text_itself_stays_as_it_was_and_is_escaped() -> None:
    text = "A prior of <b>run</b> & more: nats"
    plain = re.sub(r"<span popover.*?</span>|</?button[^>]*>", "", terms.marked(text))
    assert plain == "A prior of &lt;b&gt;run&lt;/b&gt; &amp; more: nats"
    assert terms.marked("nothing to explain") == "nothing to explain"
    assert terms.marked("recall", known=("recall",)) == "recall"


def test_equal_texts_elsewhere_have_names_of_their_own() -> None:
    assert terms.marked("recall", "one") != terms.marked("recall", "two")
    assert terms.marked("recall", "one") == terms.marked("recall", "one")  # so that nothing is drawn anew
