"""Drawing as pure functions of numbers and size: bars, strips, curves. No state, no I/O, no Textual."""
