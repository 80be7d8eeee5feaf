"""`python -m tempviz.tui`."""

from .cli import main

main()
