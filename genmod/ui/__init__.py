"""Streamlit: what the pages share on the screen."""
