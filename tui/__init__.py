"""The terminal half of tempviz: arguments, view data, pictures and screens. It decides and computes nothing."""
