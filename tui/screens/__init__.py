"""Screens: they compose widgets and route messages; `models.update` decides."""
