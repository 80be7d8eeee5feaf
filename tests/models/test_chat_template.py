"""Chat templates: what they say around a message, and what becomes of those that do not work or never end."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path as File

import pytest
from tempviz.models.chat_template import around
from tempviz.models.engine import ChatTemplateError, EngineDied, path_of
from tempviz.models.llama import LlamaModel
from tempviz.models.worker import RemoteModel
from tiny_models import BOS, EOS, tiny_llama

PLAIN = "{% for m in messages %}[{{ m['role'] }}] {{ m['content'] }}\n{% endfor %}"
WITH_SPECIALS = "{{ bos_token }}ab {% for m in messages %}{{ m.content }}{{ eos_token }}{% endfor %}"


def test_the_texts_around_a_message():
    assert around(PLAIN, "<s>", "</s>") == ["[user] ", "\n"]
    assert around(WITH_SPECIALS, "<s>", "</s>") == ["<s>ab ", "</s>"]
    assert around("{{ messages[0].content }}, {{ messages[0].content }}!", "", "") == ["", ", ", "!"]
    assert around("{{ messages[-1].content }}{% if add_generation_prompt %}>{% endif %}", "", "") == ["", ">"]
    year = around("{{ messages[0].content }}{{ strftime_now('%Y') }}", "", "")[1]
    assert int(year) >= 2024


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        (None, "has no chat template"),
        ("", "has no chat template"),
        ("{% for m in messages %}\n{{ m.content", "syntax error in line 2"),
        ("{{ raise_exception('Only the system may speak') }}", "failed: Only the system may speak"),
        ("hello", "leaves the message out"),
        ("{{ messages[0].content | upper }}", "leaves the message out"),
        ("{{ 1 / 0 }}", "failed: division by zero"),
        ("{{ messages[5].content }}", "failed: .*no element 5"),
        ("{{ messages.append(1) }}", "failed: .*safe"),
        ("{{ ''.__class__.__mro__ }}", "failed: .*unsafe"),
        ("{{ cycler.__init__.__globals__ }}", "failed: .*unsafe"),
        ("{{ range(999999) | list }}", "failed: Range too big"),
        ("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", "failed: .*recursion"),
    ],
)
def test_a_template_that_does_not_work_is_told_in_a_sentence(template: str | None, sentence: str):
    with pytest.raises(ChatTemplateError, match=sentence):
        around(template, "<s>", "</s>")


@pytest.fixture
def make(tmp_path: File) -> Iterator[Callable[[str | None], LlamaModel]]:
    opened: list[LlamaModel] = []

    def open_model(template: str | None) -> LlamaModel:
        opened.append(LlamaModel.open(str(tiny_llama(tmp_path / "chat.gguf", chat_template=template)), n_threads=1))
        return opened[-1]

    yield open_model
    for model in opened:
        model.close()


def test_the_templates_specials_are_tokens_and_the_persons_are_text(make: Callable[[str | None], LlamaModel]):
    model = make(WITH_SPECIALS)
    tokens = model.chat_tokens("a</s>b<s>")
    assert tokens[0] == BOS and tokens[-1] == EOS
    assert not {BOS, EOS} & set(tokens[1:-1])
    assert "a</s>b<s>" in model.info.vocabulary.text(tokens[1:-1])


def test_a_message_without_specials_is_read_with_its_template_as_one_text(make: Callable[[str | None], LlamaModel]):
    model = make(WITH_SPECIALS)
    assert model.chat_tokens("ab cd") == model._native.tokenize(b"<s>ab ab cd</s>", special=True)
    assert model.chat_tokens("") == model._native.tokenize(b"<s>ab </s>", special=True)


def test_bos_is_added_once_where_the_template_has_none(make: Callable[[str | None], LlamaModel]):
    assert make(PLAIN).chat_tokens("ab").count(BOS) == 1
    assert make(WITH_SPECIALS).chat_tokens("ab").count(BOS) == 1


def test_the_demo_models_template(demo_model: File):
    model = RemoteModel.open(str(demo_model))
    tokens = model.chat_tokens("Hi<|im_end|>")
    text = model.info.vocabulary.text(tokens)
    assert text.startswith("<|im_start|>system\nYou are a helpful AI assistant named SmolLM")
    assert text.endswith("<|im_start|>user\nHi<|im_end|><|im_end|>\n<|im_start|>assistant\n")
    assert tokens.count(2) == 2  # the system's and the user's end; the person's own is text
    assert model.chat_tokens("Hi").count(2) == 2
    model.close()


LOOPS = "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}"


@pytest.mark.parametrize(
    ("bomb", "sentence"),
    [
        ("{{ 9**(9**9) }}", "does not come to an end"),
        (LOOPS + "{% endfor %}", "does not come to an end"),
        ("{{ 'a' * 6000000000 }}", "more than 512 MB"),
        ("{{ '%2000000000d' % 1 }}", "more than 512 MB"),
    ],
)
def test_a_bomb_ends_and_the_model_can_be_loaded_again(tmp_path: File, bomb: str, sentence: str):
    file = tiny_llama(tmp_path / "bomb.gguf", chat_template=bomb + "{{ messages[0].content }}")
    model = RemoteModel.open(str(file), n_threads=1)
    began = time.monotonic()
    with pytest.raises(ChatTemplateError, match=sentence):
        model.chat_tokens("Hi")
    assert time.monotonic() - began < 7
    if "end" in sentence:
        with pytest.raises(EngineDied):
            model.tokenize("Hi")
        model.load()
    assert len(model.logits_after(path_of(model.tokenize("ab")))) == 299
    model.close()


def test_errors_of_a_template_cross_the_process_boundary(tmp_path: File):
    model = RemoteModel.open(str(tiny_llama(tmp_path / "none.gguf")), n_threads=1)
    with pytest.raises(ChatTemplateError, match="no chat template"):
        model.chat_tokens("Hi")
    assert model.info.chat_template is None
    model.close()
