import json
from pathlib import Path

import numpy as np

from tests.bench_speech.labelled_made import labelled_line
from tests.bench_speech.utterances import Label, Said, corpus, folders


def test_a_folder_is_a_set(tmp_path: Path) -> None:
    (spoken,) = folders(labelled_line(tmp_path))
    (source,) = spoken.sources
    samples, labels = source.read()

    assert (spoken.name, spoken.kind, source.said) == ("en_sample", "unseen", None)
    assert samples.dtype == np.float32
    assert abs(len(samples) / 16_000 - labels[-1].end) < 0.1
    assert (labels[1], source.language) == (Label(0.1, 0.18, 1, "m"), "en")


def test_real_english_has_its_own_bars_and_a_text_is_what_is_said(tmp_path: Path) -> None:
    root = labelled_line(tmp_path, "en_real")
    texts = tmp_path / "texts"
    for place, text in ((root, "Maybe Bob.\n"), (texts, "Perhaps Bob.\n")):
        (place / "en_real").mkdir(parents=True, exist_ok=True)
        (place / "en_real" / "000.txt").write_text(text, encoding="utf-8")
    labelled_line(tmp_path, "it_real")
    english, italian = folders(root)
    (elsewhere,) = folders(root, texts)[0].sources

    assert (english.kind, italian.kind) == ("real", "unseen")
    assert english.sources[0].said == Said("Maybe Bob.", "en")
    assert elsewhere.said == Said("Perhaps Bob.", "en")


def test_a_set_of_several_languages_has_them_in_the_names_of_its_texts(tmp_path: Path) -> None:
    root = labelled_line(tmp_path, "espeak_two")
    (unknown,) = folders(root)[0].sources
    (root / "espeak_two" / "000.it.txt").write_text("Forse Bob.\n", encoding="utf-8")
    (italian,) = folders(root)[0].sources

    assert (unknown.said, unknown.language) == (None, "")
    assert (italian.said, italian.language) == (Said("Forse Bob.", "it"), "it")


def test_a_corpus_gives_only_what_is_held_out(tmp_path: Path) -> None:
    entries = []
    for number, (language, held_out) in enumerate([("de", True), ("de", False), ("ru", True)]):
        file = f"{number}.npz"
        np.savez(
            tmp_path / file,
            samples=np.full(1600, 16384, np.int16),
            start=np.array([0.0, 0.05], np.float32),
            end=np.array([0.05, 0.1], np.float32),
            phone=np.array(["", "p"]),
            viseme=np.array([0, 1], np.int8),
        )
        entries.append(
            {"set": "book", "file": file, "speaker": "a", "language": language, "engine": "none",
             "licence": "CC0-1.0", "seconds": 0.1, "held_out": held_out, "real": True}
        )  # fmt: skip
    lines = "\n".join(json.dumps(entry) for entry in entries)
    (tmp_path / "index.jsonl").write_text(lines, encoding="utf-8")

    german, russian = corpus(tmp_path)
    samples, labels = german.sources[0].read()

    assert (german.name, german.kind, len(german.sources)) == ("book/de", "unseen", 1)
    assert (russian.name, russian.kind) == ("book/ru", "real")
    assert samples.max() == 0.5
    assert [label.viseme for label in labels] == [0, 1]
