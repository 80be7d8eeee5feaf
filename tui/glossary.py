"""The words of the field, each with what it is and why it is there: for the help."""

from __future__ import annotations

GLOSSARY = {
    "token": """
        A piece of text, often a word with the space before it, that has a number (its id) in the model's vocabulary. A
        model reads and writes tokens, never letters.""",
    "logit": """
        The number x that the model gives to every token of its vocabulary for the next place in the text. Any real
        number; only the differences between logits matter.""",
    "softmax": """
        Turns logits into probabilities: p = e^x / Z, where Z is the sum of e^x over all tokens. Why e^x: it is positive
        whatever x is, it keeps the order, and it can be differentiated, which training needs. Why divide by Z: so that
        they add up to 1. The maximum is subtracted first, which changes nothing but keeps e^x from overflowing.""",
    "temperature T": """
        Every logit is divided by T before the softmax: e^(x/T). T above 1 makes the logits closer to each other and the
        distribution flatter, T below 1 pulls them apart and makes it sharper. The order of tokens never changes.""",
    "greedy": """
        T = 0, the limit: the most probable token has all the probability. No luck is left.""",
    "coin": """
        All the luck there is: a number u from 0 to 1. The tokens lie side by side, each as wide as it is probable, and
        the one above u is taken. It depends on the seed, the position and how often you tossed, on nothing else.""",
    "entropy": """
        The mean of -log2 p over all tokens, at the temperature on the screen: how much doubt there is, in bits. 0 bits:
        no doubt. 1 bit: as much as a fair coin.""",
    "effective choices": """
        2 to the entropy: that many equally probable tokens would leave the same doubt.""",
    "surprisal": """
        -log2 p of a token, in bits: 1 bit for p = 1/2, 10 bits for about 1 in 1,000. Here always at T = 1, so that it
        says something of the model and not of the temperature.""",
    "perplexity": """
        2 to the mean surprisal of a text: among how many equally probable tokens the model had to choose.""",
    "end-of-generation token": """
        A token that says: the text ends here. It has a probability like every other; without it a model would write on
        and on. You can go on past it by hand.""",
    "autoregressive, autoencoding": """
        The models here are autoregressive (decoder-only): each token sees only those before it, so there is a next
        token to ask for. An autoencoding model (encoder-only, such as BERT) sees the whole text at once and fills gaps;
        it has no next token, and tempviz refuses such a file.""",
}
