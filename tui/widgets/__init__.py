"""Widgets: one picture or one panel each, drawn from the plain data of `view.py`."""
