"""The next token's probabilities straight from llama.cpp's low-level API, for a test to compare with.

Run as a program: MODEL THREADS OUT.npz TEMPERATURE..., the prompt on stdin. It imports nothing of tempviz. The prompt
is decoded 64 tokens at a time with its last token alone, which is what tempviz documents, and the softmax is written
out in float64.
"""

from __future__ import annotations

import ctypes
import sys

import llama_cpp as llama
import numpy as np


def main(model_path: str, n_threads: int, out: str, temperatures: list[float]) -> None:
    """Write tokens [n], logits [n_vocab] and one row of probabilities [n_vocab] per temperature."""
    llama.llama_backend_init()
    model_params = llama.llama_model_default_params()
    model_params.use_extra_bufts = False
    model = llama.llama_model_load_from_file(model_path.encode(), model_params)
    params = llama.llama_context_default_params()
    params.n_ctx, params.n_batch, params.n_ubatch = 1024, 64, 64
    params.n_threads = params.n_threads_batch = n_threads
    context = llama.llama_init_from_model(model, params)
    vocab = llama.llama_model_get_vocab(model)
    n_vocab = llama.llama_vocab_n_tokens(vocab)

    text = sys.stdin.buffer.read()
    room = (llama.llama_token * (len(text) + 8))()
    n = llama.llama_tokenize(vocab, text, len(text), room, len(room), True, False)
    tokens = list(room[:n])

    body, last = tokens[:-1], tokens[-1:]
    for batch in [*(body[i : i + 64] for i in range(0, len(body), 64)), last]:
        array = (llama.llama_token * len(batch))(*batch)
        assert llama.llama_decode(context, llama.llama_batch_get_one(array, len(batch))) == 0
    pointer = ctypes.cast(llama.llama_get_logits_ith(context, -1), ctypes.POINTER(ctypes.c_float))
    logits = np.array(pointer[:n_vocab], np.float32)

    rows = []
    for temperature in temperatures:
        powers = np.exp((logits.astype(np.float64) - float(logits.max())) / temperature)
        rows.append(powers / powers.sum())
    np.savez(out, tokens=tokens, logits=logits, probs=rows)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], [float(t) for t in sys.argv[4:]])
