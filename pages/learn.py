"""The lesson: eight chapters from describing a digit to choosing the data, with a check before and after."""

import streamlit as st

from genmod.lesson import chapters
from genmod.ui import frame, links
from genmod.ui.learn import PLAYS, chapter, course, look

frame.guard()
look.style()
place = course.choose()
links.show_complaints()
if place in PLAYS:
    chapter.show(chapters.chapter(place), PLAYS[place])
course.ways_on(place)
