"""The lesson: eight chapters from describing a digit to choosing the data, with a check before and after."""

import streamlit as st

from genmod.lesson import chapters
from genmod.ui import frame, links
from genmod.ui.learn import PLAYS, chapter, course, look, quiz, rooms

frame.guard()
place = course.choose()
look.style(large=course.projected())
complaints = st.container()
if place in PLAYS:
    rooms.complain()
    chapter.show(chapters.chapter(place), PLAYS[place])
else:
    {course.START: quiz.start, course.END: quiz.end, course.TEACHERS: rooms.show}[place]()
with complaints:  # a chapter checks its own part of the link when it is drawn
    links.show_complaints()
course.ways_on(place)
if place in PLAYS:
    chapter.words(chapters.chapter(place))
elif place in (course.START, course.END):
    quiz.words()
