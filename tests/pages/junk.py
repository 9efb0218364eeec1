"""What people, programs and enemies write where a value is expected, and how a page's text is read."""

from __future__ import annotations

import re

# Text that would become a link, a picture, an icon or a formula if it were read as Markdown or HTML.
MARKUP = (
    "![a](http://evil.test/x.png)",
    "[log in](http://evil.test)",
    "[a][b] [b]: http://evil.test",
    "http://evil.test/",
    "https://evil.test?a=1&b=2",
    "HTTPS://EVIL.test",
    "www.evil.test",
    "(WWW.evil.test)",
    "a@evil.test",
    "mailto:a@evil.test",
    "<http://evil.test>",
    "<a href=//evil.test>a</a>",
    "<img src=//evil.test/x.png>",
    "<script>alert(1)</script>",
    "&lt;b&gt; &copy; &#60;",
    "**bold** *slant* __b__ _i_ ~~s~~ ~t~",
    "`code` ``a ` b``",
    "$x^2$ $$y$$ a$b$c",
    ":red[x] :blue-badge[y] :small[z]",
    ":color[x]{foreground=red}",
    ":unknown[x]{y} ::leaf :::box",
    ":material/home: :streamlit: :smile: :+1:",
    ":help[a] :shimmer[b]",
    "a -> b <- c <-> d -- e >= f <= g ~= h",
    "a_b__c \\_ \\\\ \\[x\\](y)",
    "a|b | --- | c|d",
    "[^1] footnote",
    "- [x] done",
    "# title",
    "> quote",
    "1. first",
    "a\nb\n\n# c",
)
NUMBERS = (
    "", " ", "abc", "NaN", "nan", "inf", "-inf", "+Infinity", "1e400", "-1e400", "1e308", "1e3", "1e-400", "1.5",
    "-1", "-0", "+3", " 3 ", "03", "0x10", "0b1", "1_000", "1,000", "1.", ".5", "\u0663", "\uff13", "²", "½",
    "1" * 5_000, "9" * 400, "-" + "9" * 400, "18446744073709551616", "true", "True", "yes", "off", "None", "null",
    "[]", "[3]",
    "{}", "(1, 2)", "3;4", "3,", ",,,", "z1", "z0", "z-1", "z\u0661", "3\x00", "\x00", "\x1b[31m", "\u202etxt",
    "\ufeff3", "\u2028", "\ud7ff", "\U0001f600", "é" * 40, "x" * 100_000, "../../etc/passwd", "' or 1=1", "%s%n",
    "%00", "+",
)  # fmt: skip
VALUES = NUMBERS + MARKUP
REPEATED = (["1", "2"], ["3", "inf"], ["", ""], ["x", "y"], ["3", "3"])


def read(markdown: str) -> str:
    """What a visitor reads of a text that was made plain."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown.replace("\u2060", ""))
