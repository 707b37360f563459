"""`attendo evaluate`: scores as a table, as JSON and as a page."""

import json

from attendo.tasks import load

LABELS = ("negative", "neutral", "positive")


def test_scores_are_shown_with_the_sets_name(cli, model, corpus):
    ended = cli("evaluate", model, corpus / "test.jsonl")
    assert ended.code == 0
    for shown in ("test.jsonl", "ccuracy", *LABELS):
        assert shown in ended.out


def test_json_holds_the_scores_of_python(cli, model, corpus):
    found = json.loads(cli("evaluate", model, corpus / "test.jsonl", "--json").out)
    scores = load(model).evaluate(corpus / "test.jsonl")
    assert found["labels"] == list(LABELS)
    assert {key: found[key] for key in scores.as_dict()} == json.loads(json.dumps(scores.as_dict()))


def test_a_folder_stands_for_its_test_set(cli, model, corpus):
    whole = json.loads(cli("evaluate", model, corpus, "--json").out)
    assert whole["num_examples"] == len((corpus / "test.jsonl").read_text(encoding="utf-8").splitlines())


def test_page_is_written_and_names_the_hardest_texts(cli, model, tmp_path):
    data = tmp_path / "data.tsv"
    data.write_text("text\tlabel\n" + "".join(f"面条很新鲜\t{label}\n" for label in LABELS), encoding="utf-8")
    ended = cli("evaluate", model, data, "--report", tmp_path / "page.html")
    assert ended.code == 0
    assert "page.html" in ended.err
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html")
    assert "面条很新鲜" in page


def test_columns_are_chosen_by_option_and_guesses_are_told(cli, model, tmp_path):
    data = tmp_path / "data.csv"
    data.write_text(
        "text,first,second\nThe soup was bland.,negative,positive\n很好吃,positive,negative\n", encoding="utf-8"
    )
    first = json.loads(cli("evaluate", model, data, "--text", "text", "--label", "first", "--json").out)
    second = json.loads(cli("evaluate", model, data, "--text", "0", "--label", "second", "--json").out)
    assert first["accuracy"]["value"] + second["accuracy"]["value"] <= 1
    data.write_text("review,stars\nThe soup was bland.,negative\n很好吃,positive\n", encoding="utf-8")
    assert "Guessed: text is column `review`, label is column `stars`." in cli("evaluate", model, data).err


def test_columns_are_those_of_training_where_the_file_has_them(cli, quick, tmp_path):
    rows = [("好吃" if number % 2 else "tasty", "rather bland 难吃"[number % 3 :]) for number in range(41)]
    data, out = tmp_path / "data.jsonl", tmp_path / "model"
    lines = ({"kind": "ab"[n % 2], "phase": "cd"[n % 2], "one": f"{n} {a}", "two": b} for n, (a, b) in enumerate(rows))
    data.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    line = ("train", "classify", data, "--text", "one", "--label", "phase", "--out", out, "--quiet", *quick)
    assert cli(*line).code == 0
    found = cli("evaluate", out, data, "--json")
    assert json.loads(found.out)["num_examples"] == 41
    assert load(out).evaluate(data).as_dict()["accuracy"] == json.loads(found.out)["accuracy"]
    assert "does not know these labels: `a`" in cli("evaluate", out, data, "--label", "kind").err
    labelled = [json.loads(each)["text"] for each in cli("predict", out, "--input", data).out.splitlines()]
    assert labelled == [f"{number} {text}" for number, (text, _) in enumerate(rows)]
    other = cli("predict", out, "--input", data, "--text", "two").out.splitlines()
    assert json.loads(other[0])["text"] == rows[0][1]
    card = json.loads((out / "attendo.json").read_text(encoding="utf-8"))
    assert card.pop("columns") == {"text": "one", "pair": None, "label": "phase"}
    (out / "attendo.json").write_text(json.dumps(card), encoding="utf-8")
    assert "name it with `label`" in cli("evaluate", out, data).err


def test_labels_are_read_as_they_were_for_training(cli, quick, tmp_path):
    data = tmp_path / "data.tsv"
    rows = [
        (f"{group}:{kind}", f"{word} number {number}")
        for number in range(12)
        for group, kind, word in (
            ("good", "food", "tasty"),
            ("good", "room", "clean"),
            ("坏", "food", "bland"),
            ("坏", "room", "dirty"),
        )
    ]
    data.write_text("label\ttext\n" + "".join(f"{label}\t{text}\n" for label, text in rows), encoding="utf-8")
    out = tmp_path / "model"
    line = ("train", "classify", data, "--out", out, "--set", "data.label_until=:", "--quiet", *quick)
    assert cli(*line).code == 0
    assert json.loads(cli("evaluate", out, data, "--json").out)["labels"] == ["good", "坏"]
    ended = cli("evaluate", out, data, "--set", "data.label_until=o")
    assert ended.code == 2
    assert "does not know these labels" in ended.err
