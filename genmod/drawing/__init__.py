"""Data in, picture or chart out."""
