"""The lesson: eight chapters from describing a digit to choosing the data, as plain data and numbers. No Streamlit."""
