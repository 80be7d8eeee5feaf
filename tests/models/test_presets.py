"""The presets, llama.cpp's spelling of an order, and the file of the person's own chains, whatever is in it."""

from __future__ import annotations

import json
import math
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tempviz.models import actions as act
from tempviz.models.chain import Chain
from tempviz.models.chain_edits import next_preset, preset_name
from tempviz.models.dry import BREAKERS, Dry
from tempviz.models.own_presets import (
    PresetError,
    forget_preset,
    presets_file,
    read_presets,
    save_preset,
)
from tempviz.models.penalties import LogitBias, Penalties
from tempviz.models.plain_chain import from_plain, to_plain
from tempviz.models.presets import (
    KINDS,
    MOST_STAGES,
    NAMES,
    PRESETS,
    chain_of,
    llama_cpp,
    off,
    parse_samplers,
    transformers,
)
from tempviz.models.transforms import MinP, Temperature, TopK, TopNSigma, TopP, TypP, Xtc
from tempviz.models.update import update
from toy_states import ready, unanswered

EVERYTHING = Chain(
    (
        LogitBias.of({7: 1.5, 9: -math.inf, 300: -2.0}),
        Penalties(-1, 1.1, 0.25, -0.5),
        Dry(0.8, 1.5, 3, 128, ("\n", '"', "\\", "\x7f", "ü")),
        TopNSigma(1.5),
        TopK(50),
        TypP(0.9, 2),
        TopP(0.95),
        MinP(0.01, 3),
        Xtc(0.5, 0.2),
        TopK(10),
        Temperature(1.3, 0.5, 2.0),
    )
)


# ---- presets -------------------------------------------------------------------------------------------------------


def test_the_presets():
    assert list(PRESETS) == ["off", "llama.cpp", "transformers"]
    for make in PRESETS.values():
        assert make(0.37).temperature == 0.37
    assert off(0.9).transforms == (Temperature(0.9),)
    assert transformers(0.7).transforms == (Temperature(0.7), TopK(50), TopP(1.0), MinP(0.0), TypP(1.0))


def test_the_preset_of_llama_cpp_has_its_order_and_its_values():
    """As in common_params_sampling of llama.cpp's common.h."""
    assert llama_cpp().transforms == (
        Penalties(last_n=64, repeat=1.0, frequency=0.0, presence=0.0),
        Dry(multiplier=0.0, base=1.75, allowed_length=2, last_n=64, breakers=("\n", ":", '"', "*")),
        TopNSigma(n=-1.0),
        TopK(k=40),
        TypP(p=1.0, min_keep=0),
        TopP(p=0.95, min_keep=0),
        MinP(p=0.05, min_keep=0),
        Xtc(probability=0.0, threshold=0.1),
        Temperature(t=0.8, range=0.0, exponent=1.0),
    )
    assert [stage.name for stage in llama_cpp().transforms if stage.active] == [
        "top_k",
        "top_p",
        "min_p",
        "temperature",
    ]


def test_an_own_preset_is_known_at_every_temperature():
    """It is saved with the temperature of then."""
    mine = (TopK(7), Temperature(0.5))
    state, names = ready(act.KnowPresets({"mine": mine}), act.NextPreset()), []
    for _ in range(4):
        state, _ = update(state, act.NextPreset())
        names.append(preset_name(state.settings.samplers, state.own_presets))
    assert names == ["transformers", "mine", "off", "llama.cpp"]
    loaded, _ = update(state, act.SetSamplers(mine))
    toggled, _ = unanswered(loaded, act.SelectStage(1), act.ToggleStage())
    for each in (loaded, toggled):
        assert preset_name(each.settings.samplers, each.own_presets) == "mine"


def test_a_preset_with_two_names_has_one_turn_by_the_latest():
    own = {"mine": llama_cpp(1.0).transforms}
    samplers, names = (), []
    for _ in range(4):
        name, samplers = next_preset(samplers, own)
        names.append(name)
    assert names == ["mine", "transformers", "off", "mine"]
    assert preset_name(own["mine"], own) == "mine"


# ---- an order ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("top_k;top_p;temperature", ("top_k", "top_p", "temperature")),
        ("penalties;dry;top_n_sigma;top_k;typ_p;top_p;min_p;xtc;temperature", NAMES),
        (" Top-K ; nucleus;temp; ", ("top_k", "top_p", "temperature")),
        ("temperature;temperature", ("temperature", "temperature")),
        ("edskypmxt", NAMES),
        ("kpt", ("top_k", "top_p", "temperature")),
        ("temp", ("temperature",)),
        ("typ", ("typ_p",)),
        ("k", ("top_k",)),
        ("", ()),
    ],
)
def test_an_order_in_the_spelling_of_llama_cpp(text: str, names: tuple[str, ...]):
    assert parse_samplers(text) == names
    assert tuple(transform.name for transform in chain_of(names).transforms) == names


@pytest.mark.parametrize("text", ["top_q", "top_k;mirostat", "kpz", "k;p;t", "infill", "logit_bias", "adaptive_p"])
def test_a_sampler_there_is_not_is_named(text: str):
    with pytest.raises(ValueError, match=r"there is no sampler '.*' for a chain; there are penalties, dry, "):
        parse_samplers(text)


def test_an_endless_chain_is_refused():
    with pytest.raises(ValueError, match="at most"):
        parse_samplers("k" * (MOST_STAGES + 1))
    assert len(parse_samplers("k" * MOST_STAGES)) == MOST_STAGES


def test_a_chain_in_an_order_with_some_settings():
    bias = LogitBias.of({1: 2.0})
    chain = chain_of(("temperature", "top_k", "min_p"), [TopK(3), bias, Temperature(0.2), TopP(0.1)])
    assert chain.transforms == (bias, Temperature(0.2), TopK(3), MinP())


# ---- plain data ----------------------------------------------------------------------------------------------------


def test_a_chain_survives_as_plain_data():
    assert from_plain(to_plain(EVERYTHING)) == EVERYTHING
    assert from_plain(json.loads(json.dumps(to_plain(EVERYTHING), allow_nan=False))) == EVERYTHING
    assert from_plain([]) == Chain(())
    assert set(KINDS) == {stage["name"] for stage in to_plain(EVERYTHING)}


def test_what_is_left_out_is_llama_cpps_default():
    assert from_plain([{"name": "dry"}, {"name": "min_p", "p": 0.2}]).transforms == (Dry(breakers=BREAKERS), MinP(0.2))


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        ({"name": "top_k"}, "a list of tables"),
        ([3], "a list of tables"),
        ("top_k", "a list of tables"),
        ([{}], "no sampler None"),
        ([{"name": ["top_k"]}], "no sampler"),
        ([{"name": "top_q"}], "no sampler 'top_q'"),
        ([{"name": "top_k", "q": 3}], "top_k has no setting 'q'; it has k"),
        ([{"name": "top_k", "k": 2.5}], "top-k must be a whole number"),
        ([{"name": "top_p", "p": "much"}], "top-p must be a number from 0 to 1"),
        ([{"name": "top_p", "p": [1]}], "top-p must be"),
        ([{"name": "temperature", "t": math.nan}], "temp must be"),
        ([{"name": "dry", "breakers": "\n"}], "list of texts"),
        ([{"name": "dry", "breakers": [1]}], "list of texts"),
        ([{"name": "dry", "breakers": [""]}], "dry-sequence-breaker"),
        ([{"name": "logit_bias", "bias": [1]}], "table of token ids"),
        ([{"name": "logit_bias", "bias": {"x": 1}}], "whole numbers"),
        ([{"name": "logit_bias", "bias": {"1": "x"}}], "numbers to add"),
        ([{"name": "logit_bias", "bias": {"1": math.nan}}], "numbers to add"),
        ([{"name": "logit_bias", "bias": {"99999999999": 1}}], "below 2"),
        ([{"name": "logit_bias", "banned": [1.5]}], "whole numbers"),
        ([{"name": "logit_bias", "other": 1}], "table of token ids"),
        ([{"name": "top_k"}] * (MOST_STAGES + 1), "at most"),
    ],
)
def test_what_is_no_chain_is_refused_in_words(stages: object, said: str):
    with pytest.raises(ValueError, match=said):
        from_plain(stages)


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.sampled_from(list(KINDS))),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["name", "p", "k", "t", "bias", "banned", "breakers", "last_n"]), inner, max_size=4
        ),
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.dictionaries(st.sampled_from(["name", "k", "p", "t", "bias", "banned", "breakers"]), anything)))
def test_garbage_is_a_chain_or_a_sentence(stages: list):
    try:
        assert isinstance(from_plain(stages), Chain)
    except ValueError as error:
        assert str(error)


# ---- the file ------------------------------------------------------------------------------------------------------


def test_presets_are_kept_in_a_file(tmp_path: Path):
    file = tmp_path / "new" / "presets.toml"
    assert read_presets(file) == ({}, [])
    names = ["mine", 'with "quotes" and \\', "ünïcode 🙂", "a.b", "[x]"]
    for i, name in enumerate(names):
        save_preset(name, Chain((*EVERYTHING.transforms, TopK(i))), file)
    presets, sentences = read_presets(file)
    assert sentences == [] and list(presets) == names
    assert presets == {name: Chain((*EVERYTHING.transforms, TopK(i))) for i, name in enumerate(names)}
    save_preset("mine", off(2.0), file)
    forget_preset(names[1], file)
    forget_preset("never there", file)
    assert read_presets(file)[0].keys() == {*names} - {names[1]}
    assert read_presets(file)[0]["mine"] == off(2.0)
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in file.parent.iterdir()] == ["presets.toml"]


def test_the_file_is_one_that_a_person_can_write(tmp_path: Path):
    file = tmp_path / "presets.toml"
    file.write_text('[[calm]]\nname = "top_k"\nk = 10\n\n[[calm]]\nname = "temperature"\nt = 0.5\n')
    assert read_presets(file) == ({"calm": Chain((TopK(10), Temperature(0.5)))}, [])


def test_what_cannot_be_read_is_left_out_with_a_sentence(tmp_path: Path):
    file = tmp_path / "presets.toml"
    file.write_text('off = []\nodd = 3\n[[good]]\nname = "top_k"\n[[bad]]\nname = "top_p"\np = 7\n')
    presets, sentences = read_presets(file)
    assert presets == {"good": Chain((TopK(),))}
    assert len(sentences) == 3 and all(str(file) in sentence for sentence in sentences)
    assert any("'bad'" in s and "top-p must be a number from 0 to 1, not 7" in s for s in sentences)
    with pytest.raises(PresetError, match="Nothing was saved"):
        save_preset("other", off(1.0), file)
    assert "p = 7" in file.read_text()


@pytest.mark.parametrize(
    "garbage",
    [b"\xff\xfe", b"[[", b"a" * 2_000_000, b"\0", b"a = " + b"[" * 5000, b"a = " + b"9" * 5000, b"[[a]]\nname = 1e999"],
)
def test_garbage_in_the_file_is_a_sentence_and_stays(garbage: bytes, tmp_path: Path):
    file = tmp_path / "presets.toml"
    file.write_bytes(garbage)
    presets, (sentence,) = read_presets(file)
    assert presets == {} and str(file) in sentence and sentence.endswith(".")
    with pytest.raises(PresetError):
        save_preset("mine", off(1.0), file)
    assert file.read_bytes() == garbage


def test_a_file_that_cannot_be_used_is_a_sentence(tmp_path: Path):
    assert read_presets(tmp_path)[1] and "cannot be read" in read_presets(tmp_path)[1][0]
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(PresetError, match="cannot be"):
        save_preset("mine", off(1.0), blocked / "presets.toml")


@pytest.mark.parametrize("name", ["", "off", "llama.cpp", "a\nb", "x" * 61, "\ud800", "\x1b[1m"])
def test_a_name_that_is_none_is_refused(name: str, tmp_path: Path):
    with pytest.raises(ValueError, match="name"):
        save_preset(name, off(1.0), tmp_path / "presets.toml")
    assert not list(tmp_path.iterdir())


def test_what_a_file_cannot_hold_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="at least one"):
        save_preset("mine", Chain(()), tmp_path / "presets.toml")
    with pytest.raises(ValueError, match="breaker"):
        save_preset("mine", Chain((Dry(breakers=("\udcff",)),)), tmp_path / "presets.toml")


def test_the_file_is_in_the_folder_for_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert presets_file().name == "presets.toml" and "tempviz" in str(presets_file())
    assert str(presets_file()).startswith(str(tmp_path))
