"""The pad and the part below it show the same: of the two, the one that shows something older draws itself again.

They are two fragments, so that letting go of the point draws only the pad. When one of them changes what the other
shows as well, the number here grows; the browser sees that the other shows an older one, and asks for it.
"""

from __future__ import annotations

import streamlit as st

_SEEN, _VERSION = "mirror_seen", "mirror_version"


def version(seen: object) -> int:
    """The number of what is seen now; another than before has a larger one.

    Args:
        seen: all that both of them show, as something that can be compared.
    """
    number = int(st.session_state.get(_VERSION, 0))
    if st.session_state.get(_SEEN) != seen:
        st.session_state[_SEEN] = seen
        number += 1
        st.session_state[_VERSION] = number
    return number
