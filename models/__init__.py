"""The pure half of tempviz: numbers, tokens, the trace, and the boundary to the model.

Nothing here imports Textual or Rich, and llama.cpp is loaded by `llama.py` only, inside the child process.
"""
