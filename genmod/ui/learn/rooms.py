"""The place for teachers: what there is to teach with, a view for the projector, and a room that counts answers."""

from __future__ import annotations

import html
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from genmod.errors import GenmodError
from genmod.lesson import checks, rooms
from genmod.lesson.checks import Item
from genmod.lesson.rooms import CHECKS, Tally
from genmod.system import files
from genmod.system.project import PROJECT
from genmod.ui import say, terms
from genmod.ui.learn import course, kept
from genmod.ui.pictures import Markup

DOCUMENTS = (
    ("teaching.md", "Plan and worksheet", "A plan for 45 minutes, and a worksheet of eight tasks to print."),
    ("teaching-answers.md", "Answers", "The answers to the worksheet, and what to ask when somebody is stuck."),
)
LARGEST_DOCUMENT = 200_000  # bytes
MOST_OPENED = 3  # rooms in one visit
TICK = 5.0  # seconds between two looks at the tally
_OPENED, _VISITOR, _REFUSAL, _KEPT = "rooms_opened", "room_visitor", "room_refusal", "room_kept"
_TYPED = "room_typed"


# For visitors


def complain() -> bool:
    """Say that there is no such room, or that it was closed, if a visitor came with one; whether that was said."""
    code = kept.get(kept.ROOM)
    if not code or rooms.home().exists(code):
        return False
    say.info(f"There is no room {code}, or it was closed: what you hand in is stored nowhere.")
    return True


def remark() -> None:
    """Say that a visitor is in a room, and what that means, before anything is handed in."""
    code = kept.get(kept.ROOM)
    if not code:
        with st.popover("I was given a room", type="tertiary"):
            st.text_input(
                "Name of the room", key=_TYPED, max_chars=4 * rooms.CODE_LENGTH, on_change=_enter,
                help="From your teacher. It makes your answers to the six questions part of a tally.",
            )  # fmt: skip
            _show_refusal()
        return
    if complain():
        return
    if kept.get(kept.TEACHER):
        say.info(f"You opened room {code}: what you hand in yourself is not counted.")
    else:
        with st.container(horizontal=True, vertical_alignment="center"):
            say.info(
                f"You are in room {code}. When you hand in, your six answers are stored for your teacher's tally, "
                "without a name or an address.",
                icon=":material/group:",
            )
            st.button("Leave the room", type="tertiary", on_click=_leave)


def hand_in(check: str) -> None:
    """Hand a check in to the visitor's room, if there is one; part of a callback."""
    code, answers = kept.get(kept.ROOM), checks.read(kept.get(check))
    if not code or answers is None or kept.get(kept.TEACHER):
        return
    st.session_state.setdefault(_VISITOR, rooms.visitor())
    st.session_state.pop(_REFUSAL, None)
    try:
        new = rooms.home().hand_in(code, st.session_state[_VISITOR], check, answers)
    except GenmodError as error:
        st.session_state[_REFUSAL] = (str(error), check)
    else:
        st.session_state[_KEPT] = (
            f"Handed in to room {code}." if new else f"You have handed this check in to room {code} before; the first "
            "answers count."
        )  # fmt: skip


def handed_in() -> None:
    """Say whether what was handed in reached the room."""
    if refusal := st.session_state.get(_REFUSAL):
        sentence, check = refusal
        say.warning(f"{sentence} Your score stands all the same.")
        if check:
            st.button("Hand in again", on_click=hand_in, args=(check,))
    elif sentence := st.session_state.get(_KEPT):
        say.caption(sentence)


def forget() -> None:
    """Forget what was said about handing in; what a room holds stays."""
    for name in (_REFUSAL, _KEPT):
        st.session_state.pop(name, None)


def _enter() -> None:
    """Go into the room whose code was typed; a callback."""
    code = str(st.session_state.get(_TYPED, "")).strip().lower()
    if not code:
        return
    if not rooms.is_code(code) or not rooms.home().exists(code):
        st.session_state[_REFUSAL] = ("There is no room of that name.", "")
        return
    st.session_state.pop(_REFUSAL, None)
    kept.put(kept.ROOM, code)


def _show_refusal() -> None:
    if refusal := st.session_state.pop(_REFUSAL, None):
        say.warning(refusal[0])


def _leave() -> None:
    """Leave the room; a callback."""
    for name in (kept.ROOM, kept.TEACHER):
        kept.put(name, "")
    forget()


# For teachers


def show() -> None:
    """The place for teachers."""
    st.title("For teachers", anchor=False)
    st.html(
        Markup(
            '<p class="gm-lead">The lesson takes one class hour. Everything works without internet once this server '
            "runs, on phones too, and nobody needs an account.</p>"
        )
    )
    _documents()
    _projector()
    st.header("A room for your class", anchor=False)
    code, key = kept.get(kept.ROOM), kept.get(kept.TEACHER)
    if not (code and key):
        _offer()
        return
    _show_refusal()
    _invitation(code, key)
    st.fragment(_tally, run_every=TICK)(code, key)


def _documents() -> None:
    """The two documents, to take home."""
    st.header("To print", anchor=False)
    for column, (name, title, what) in zip(st.columns(len(DOCUMENTS)), DOCUMENTS, strict=True):
        with column, st.container(border=True, height="stretch"):
            say.paragraph(what)
            content = _document(name)
            if content is None:
                say.warning(f"The file docs/{name} is missing on this server.")
                continue
            st.download_button(
                say.plain(title), content, file_name=name, mime="text/markdown", icon=":material/download:", key=name,
                on_click="ignore",
            )  # fmt: skip
            say.caption(f"Also in the project, as docs/{name}.")


def _document(name: str) -> bytes | None:
    try:
        return files.read_bytes(PROJECT / "docs" / name, LARGEST_DOCUMENT)
    except OSError:
        return None


def _projector() -> None:
    st.header("On the wall", anchor=False)
    st.session_state["projector_switch"] = course.projected()
    st.toggle("For the projector", key="projector_switch", on_change=_switch_projector)
    say.caption(
        "Large type, and the arrow keys lead to the chapter before and after, wherever no slider and no list of "
        "answers has the keyboard. It stands in the link."
    )


def _switch_projector() -> None:
    kept.put(kept.PROJECTOR, kept.YES if st.session_state["projector_switch"] else "")


def _offer() -> None:
    """Open a room."""
    say.paragraph(
        "A room counts what your class answers to the six questions before and after the lesson. Visitors come by its "
        "link or type its name; only their answers are stored, with a random number that ties before to after, and you "
        "see how many chose which. Without a room nothing is stored at all."
    )
    st.button("Open a room", type="primary", icon=":material/group_add:", on_click=_open)
    _show_refusal()


def _open() -> None:
    """Open a room; a callback."""
    if int(st.session_state.get(_OPENED, 0)) >= MOST_OPENED:
        st.session_state[_REFUSAL] = (f"You have opened {MOST_OPENED} rooms in this visit, which is enough.", "")
        return
    try:
        code, key = rooms.home().open()
    except GenmodError as error:
        st.session_state[_REFUSAL] = (str(error), "")
        return
    st.session_state[_OPENED] = int(st.session_state.get(_OPENED, 0)) + 1
    kept.put(kept.ROOM, code)
    kept.put(kept.TEACHER, key)


def _invitation(code: str, key: str) -> None:
    """The room's name and both links."""
    st.html(
        Markup(
            f'<p class="gm-code"><span>Room</span> {html.escape(code)}</p>'
            '<p class="gm-text">Your class goes to the lesson and types this name, or comes by this link:</p>'
        )
    )
    st.code(_address({kept.ROOM: code}), language=None, wrap_lines=True)
    say.paragraph("Your own link, with the key to the tally. Keep it, and show it to nobody:")
    st.code(
        _address({kept.CHAPTER: course.TEACHERS, kept.ROOM: code, kept.TEACHER: key}), language=None, wrap_lines=True
    )
    say.caption(
        f"A room is removed {rooms.KEPT / 86_400:.0f} days after something was last handed in, with all that is in it."
    )


def _address(query: dict[str, str]) -> str:
    parts = urlsplit(st.context.url or "")
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), ""))


def _tally(code: str, key: str) -> None:
    """What was handed in so far."""
    try:
        found = rooms.home().tally(code, key)
    except GenmodError as error:
        say.error(str(error))
        st.button("Leave this room", on_click=_leave)
        return
    before, after = (found.handed_in(check) for check in CHECKS)
    say.paragraph(
        f"Handed in: {before} before and {after} after the lesson; both by {found.both()}."
        + (f" Mean score: {_means(found)}." if before or after else "")
    )
    if found.damaged:
        say.warning(f"{found.damaged} lines of the room's file are damaged and are not counted.")
    st.html(_table(found))
    with st.expander("What was asked, and how often each answer was chosen", key="tally_answers"):
        st.html(_answers(found))
    with st.container(horizontal=True):
        st.download_button(
            "Tally as CSV", found.csv(), file_name=f"room-{code}-tally.csv", mime="text/csv",
            icon=":material/download:", key="tally_csv", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "Single answers as CSV", found.answers_csv(), file_name=f"room-{code}-answers.csv", mime="text/csv",
            icon=":material/download:", key="answers_csv", on_click="ignore",
        )  # fmt: skip
        with st.popover("Close the room", type="tertiary"):
            say.paragraph("This removes the room and all answers in it. Download the tally first.")
            st.button("Remove it", icon=":material/delete:", on_click=_close, args=(code, key))


def _close(code: str, key: str) -> None:
    """Remove the room; a callback."""
    try:
        rooms.home().close(code, key)
    except GenmodError as error:
        st.session_state[_REFUSAL] = (str(error), "")
    else:
        _leave()


def _means(found: Tally) -> str:
    parts = [(found.mean(check), check) for check in CHECKS]
    return ", ".join(f"{mean:.1f} of {checks.COUNT} {check}" for mean, check in parts if mean is not None)


def _table(found: Tally) -> Markup:
    """How many answered each question rightly, before and after."""
    right = {check: found.right(check) for check in CHECKS}
    lines = []
    for place, item in enumerate(checks.AFTER):
        cells = "".join(_share(right[check][place], found.handed_in(check)) for check in CHECKS)
        lines.append(f'<tr><th scope="row">{place + 1:d}. {asked_about(item, f"tally {place:d}")}</th>{cells}</tr>')
    return Markup(
        '<table class="gm-score"><thead><tr><th scope="col">Answered rightly</th><th scope="col">Before</th>'
        f'<th scope="col">After</th></tr></thead><tbody>{"".join(lines)}</tbody></table>'
    )


def asked_about(item: Item, place: str) -> Markup:
    """What a question is about, for a table; `place` tells it from the same concept elsewhere."""
    what = "about something new" if item.new else "from the lesson"
    return Markup(f'{terms.marked(item.concept, place)} <span class="gm-what">{html.escape(what)}</span>')


def _share(right: int, count: int) -> Markup:
    return Markup(f"<td>{right:d} of {count:d}</td>") if count else Markup("<td>–</td>")


def _answers(found: Tally) -> Markup:
    """How often each answer to each question was chosen; the right one is marked."""
    parts = []
    for check, items in CHECKS.items():
        for place, (item, counts) in enumerate(zip(items, found.counts(check), strict=True), 1):
            parts.append(
                f'<p class="gm-asked"><span class="gm-for">{html.escape(check.capitalize())}, question {place:d}</span>'
                f'{html.escape(item.question.text)}</p><ul class="gm-options">'
            )
            for option, text in enumerate((*item.question.options, checks.UNKNOWN)):
                chosen = counts[option if option < checks.OPTIONS else None]
                mark = "✓" if option == item.question.right else "–"
                parts.append(f"<li><i>{html.escape(mark)}</i>{html.escape(text)}: {chosen:d}</li>")
            parts.append("</ul>")
    return Markup("".join(parts))
