"""`convergence import`: a file of one's own goes through the same checks as any page, and says again what it says last."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest

from flows import steps
from flows.cli import main
from flows.errors import UsageError
from flows.imports import import_file
from flows.settings import Warehouse
from warehouse.connect import open_store

SCORES = """\
model_label,benchmark_id,score,measured_on
Alpha 1,quiz,50,2024-01-10
Beta 1,quiz,40,2024-02-10
"""


@pytest.fixture
def place(tmp_path):
    return Warehouse.at(tmp_path / "warehouse")


@pytest.fixture
def bring(place, tmp_path, monkeypatch):
    """Return a function that imports a text, or a frame as Parquet, without building the marts; it returns the source's run."""
    monkeypatch.setattr(steps, "build", lambda job: None)
    monkeypatch.setattr(steps, "publish", lambda job: None)

    def run(what, name="scores.csv", table="scores", source="mine", **options):
        file = tmp_path / name
        if isinstance(what, pl.DataFrame):
            what.write_parquet(file)
        else:
            file.write_bytes(what if isinstance(what, bytes) else what.encode())
        summary = import_file(place, file, table, source, **options)
        (done,) = summary.runs
        assert summary.exit_code == (3 if done.state == "failed" else 0)
        return done

    return run


def rows(place, sql):
    with open_store(place.store, read_only=True) as con:
        return con.execute(sql).fetchall()


IN_FORCE = """
    select {} from raw.{} where reading_id in (
        select reading_id from raw.readings join raw.captures using (capture_id) where state = 'ok'
        qualify url not like 'import:%' or concat(body_sha256, reader_version) = first_value(concat(body_sha256, reader_version))
            over (partition by captures.source_id, url order by read_at desc, reader_version desc)
    ) order by all"""


def test_a_file_is_loaded_with_the_common_columns_filled_in(bring, place):
    done = bring(SCORES)
    assert (done.state, done.n_captures, done.n_new_captures, done.rows_accepted) == ("ok", 1, 1, 2)
    found = rows(
        place,
        "select model_label, score, row_locator, source_url, source_id, is_estimate, measured_on from raw.scores order by 2 desc",
    )
    assert found == [
        ("Alpha 1", 50.0, "line 2", "import:scores/scores.csv", "mine", False, date(2024, 1, 10)),
        ("Beta 1", 40.0, "line 3", "import:scores/scores.csv", "mine", False, date(2024, 2, 10)),
    ]
    assert rows(place, "select source_id, kind, page_is, may_republish from meta.sources where kind = 'import'") == [
        ("mine", "import", "history", False)
    ]
    assert rows(place, "select count(*) from raw.captures where source_id <> 'mine'") == [(0,)]
    assert len(list(place.archive.rglob("*.warc.gz"))) == 1


def test_the_same_file_twice_adds_nothing_under_its_name_or_another(bring, place):
    bring(SCORES)
    again, copy = bring(SCORES), bring(SCORES, "copy.csv")
    assert (again.state, again.n_new_captures, again.message) == ("unchanged", 0, None)
    assert (copy.state, copy.n_new_captures, copy.message) == ("unchanged", 0, "the same file as scores/scores.csv")
    assert rows(place, "select count(*) from raw.scores union all select count(*) from raw.captures") == [(2,), (1,)]
    assert bring(SCORES, source="yours").state == "ok"


def test_a_corrected_file_takes_the_place_of_what_it_said_and_other_files_stay(bring, place):
    bring(SCORES)
    bring(SCORES.replace("quiz", "exam"), "exam.csv")
    done = bring("model_label,benchmark_id,score\nAlpha 1,quiz,55\n")
    assert (done.state, done.message) == ("ok", "takes the place of what scores/scores.csv said before")
    in_force = IN_FORCE.format("benchmark_id, model_label, score", "scores")
    exam = [("exam", "Alpha 1", 50.0), ("exam", "Beta 1", 40.0)]
    assert rows(place, in_force) == [*exam, ("quiz", "Alpha 1", 55.0)]
    assert rows(place, "select count(*) from raw.scores") == [(5,)]
    assert bring(SCORES).state == "ok"
    assert rows(place, in_force) == [*exam, ("quiz", "Alpha 1", 50.0), ("quiz", "Beta 1", 40.0)]
    assert bring(SCORES).state == "unchanged"


def test_a_file_with_a_moment_per_row_is_a_capture_per_moment_and_can_go_back_to_what_it_said(bring, place):
    first = "model_label,benchmark_id,score,captured_at\n" + "".join(
        f"A,quiz,{score},{moment}\n"
        for score, moment in [
            (1, "2024-01-05"),
            (2, "2024-03-05T10:00:00Z"),
            (3, "2024-03-05 12:00:00+02:00"),
            (4, "2024-03-05T10:00:00.500"),
        ]
    )
    done = bring(first)
    assert (done.state, done.n_new_captures, done.rows_accepted) == ("ok", 2, 4)
    found = rows(place, "select captured_at, list(score order by score) from raw.scores group by all order by 1")
    assert found == [(datetime(2024, 1, 5), [1.0]), (datetime(2024, 3, 5, 10), [2.0, 3.0, 4.0])]
    bring(first.replace("A,quiz,1", "A,quiz,9"))
    in_force = IN_FORCE.format("score", "scores")
    assert rows(place, in_force) == [(2.0,), (3.0,), (4.0,), (9.0,)]
    back = bring(first)
    assert (back.state, back.n_new_captures) == ("ok", 0)
    assert rows(place, in_force) == [(1.0,), (2.0,), (3.0,), (4.0,)]


def test_a_row_without_a_moment_is_of_the_import_and_loaded_once(bring, place):
    done = bring("model_label,benchmark_id,score,captured_at\nA,quiz,1,2024-01-05\nA,quiz,2,\nA,quiz,3,2024-02-05\n")
    assert (done.state, done.n_captures, done.rows_accepted) == ("ok", 3, 3)
    assert rows(place, "select count(*) from raw.scores where captured_at > '2024-12-31'") == [(1,)]


def test_a_moment_that_cannot_be_or_has_not_been_rejects_its_row_once(bring, place):
    done = bring(
        "model_label,benchmark_id,score,captured_at\nA,quiz,1,2024-01-05\nA,quiz,2,soon\nA,quiz,3,2924-01-01\n"
    )
    assert (done.state, done.rows_accepted, done.rows_quarantined) == ("failed", 1, 2)
    reasons = [reason for (reason,) in rows(place, "select reason from raw.quarantine order by row_locator")]
    assert "column 'captured_at': expected a time such as 2024-07-10T00:00:00; found 'soon'" in reasons[0]
    assert "not in the future; found '2924-01-01'" in reasons[1]


MANY = "model_label,benchmark_id,score\n" + "".join(f"M{n},mmlu,{30 + n}\n" for n in range(40))


def test_bad_rows_are_quarantined_and_the_good_ones_loaded(bring, place):
    done = bring(MANY + "M40,mmlu,abc\nM41,mmlu,140\n")
    assert (done.state, done.rows_accepted, done.rows_quarantined) == ("ok", 40, 2)
    found = rows(
        place, "select model_label, row_locator, reason, row_json->>'benchmark_id' from raw.quarantine order by 1"
    )
    assert [row[:2] for row in found] == [("M40", "line 42"), ("M41", "line 43")]
    assert "column 'score': expected a number; found 'abc'" in found[0][2] and found[0][3] == "mmlu"
    assert found[1][2] == "expected scale_max >= score; found 100.0 and 140.0"


def test_a_file_with_too_many_bad_rows_fails_and_its_good_rows_are_loaded(bring, place):
    text = SCORES + "Gamma,quiz,abc,\n"
    for done in (bring(text), bring(text)):
        assert done.state == "failed" and "1 of 3 rows went to quarantine" in done.message
    assert rows(place, "select count(*) from raw.scores union all select count(*) from raw.quarantine") == [(2,), (1,)]
    assert bring(SCORES + "Gamma,quiz,45,\n").state == "ok"


def test_a_file_of_bad_rows_only_fails(bring, place):
    done = bring("model_label,benchmark_id,score\nA,quiz,x\nB,quiz,y\n")
    assert done.state == "failed" and done.message.startswith("2 of 2 rows went to quarantine, the first: ")
    assert rows(place, "select count(*) from raw.quarantine") == [(2,)]


def test_fractions_of_a_benchmark_known_to_be_in_percent_are_rejected_whole_and_the_last_good_version_stands(
    bring, place
):
    good = "model_label,benchmark_id,score\nA,mmlu,71\nB,mmlu,72\nC,mmlu,73\n"
    bring(good)
    bad = good.replace("mmlu,7", "mmlu,0.7")
    for done in (bring(bad), bring(bad)):
        assert done.state == "failed" and "expected percentages from 0 to 100" in done.message
    assert rows(place, "select score from raw.scores order by 1") == [(71.0,), (72.0,), (73.0,)]
    assert rows(place, "select count(*) from raw.quarantine") == [(3,)]
    assert bring(good).state == "unchanged"


OWN = "model_label,benchmark_id,score,benchmark_name,score_min,score_max,chance,higher_is_better,scale_kind\n"


def test_a_benchmark_is_registered_from_the_columns_of_the_file_and_its_scale_is_checked(bring, place):
    done = bring(OWN + "A,own,0.5,My Own,0,1,0.25,true,accuracy\nB,own,7,,,,,,\nC,own,0.6,,,,,,\n")
    assert [row.reason for row in done.readings[0].quarantine] == ["expected scale_max >= score; found 1.0 and 7.0"]
    described = "select name, score_min, score_max, chance, higher_is_better, scale_kind from raw.benchmarks"
    assert rows(place, described) == [("My Own", 0.0, 1.0, 0.25, True, "accuracy")]
    later = bring("model_label,benchmark_id,score\nD,own,8\nE,own,0.7\n", "later.csv")
    assert later.rows_quarantined == 1


def test_a_corrected_description_of_a_benchmark_is_added_and_takes_effect(bring, place):
    bring(OWN + "A,own,60,Own,0,100,25,yes,accuracy\n")
    done = bring(OWN + "A,own,160,Own,0,200,25,yes,accuracy\n")
    assert (done.state, done.rows_accepted) == ("ok", 1)
    assert sorted(rows(place, "select score_max from raw.benchmarks")) == [(100.0,), (200.0,)]


@pytest.mark.parametrize("name", ["file.csv", "file.parquet"])
def test_values_come_typed_from_parquet_and_as_text_from_csv(bring, place, name):
    frame = pl.DataFrame(
        {
            "model_label": ["A", "B"],
            "provider_id": ["p", "p"],
            "token_kind": ["input", "output"],
            "amount_original": [Decimal("0.15"), Decimal("0.60")],
            "effective_on": [date(2024, 7, 18)] * 2,
            "is_estimate": [False, True],
            "captured_at": [datetime(2024, 7, 18, 12, tzinfo=UTC), datetime(2024, 7, 19)],
        },
        schema_overrides={"captured_at": pl.Datetime("us", "UTC")},
    )
    done = bring(frame if name.endswith("parquet") else frame.write_csv(), name, "prices")
    assert (done.state, done.n_captures, done.rows_accepted) == ("ok", 2, 2)
    found = rows(
        place, "select model_label, usd_per_mtok, effective_on, is_estimate, captured_at from raw.prices order by 1"
    )
    assert found == [
        ("A", Decimal("0.150000"), date(2024, 7, 18), False, datetime(2024, 7, 18, 12)),
        ("B", Decimal("0.600000"), date(2024, 7, 18), True, datetime(2024, 7, 19)),
    ]


def test_parquet_columns_of_wrong_types_reject_their_rows(bring):
    frame = pl.DataFrame(
        {"model_label": [["a"], ["b"]], "benchmark_id": ["q", "q"], "score": [{"x": 1}, {"x": 2}]}, strict=False
    )
    done = bring(frame, "file.parquet")
    assert done.state == "failed"
    assert "column 'model_label': expected a text; found ['a']" in done.message


def test_prices_in_dollars_per_million_need_no_other_amount_and_others_are_converted(bring, place):
    done = bring(
        "model_label,provider_id,token_kind,usd_per_mtok,amount_original,currency,unit_original,effective_on\n"
        "A,p,input,3,,,,\nB,p,input,,2,EUR,per_mtok,2024-07-10\nC,p,input,,0.0000000375,USD,per_token,\nD,p,input,,2,GBP,,\n",
        "prices.csv",
        "prices",
    )
    assert (done.rows_accepted, done.rows_quarantined) == (3, 1)
    found = {
        label: (usd, rate, amount)
        for label, usd, rate, amount in rows(
            place, "select model_label, usd_per_mtok, fx_rate, amount_original from raw.prices"
        )
    }
    assert found["A"] == (Decimal(3), Decimal(1), Decimal(3))
    assert found["B"][0] == (2 * found["B"][1]).quantize(Decimal("0.000001")) and Decimal(1) < found["B"][1] < Decimal(
        "1.2"
    )
    assert found["C"] == (Decimal("0.0375"), Decimal(1), Decimal("0.0000000375"))


def test_a_model_of_a_file_is_labelled_by_its_id(bring, place):
    done = bring("model_id,name,access,released_on\nown-1,Own 1,open,2024-01-01\n", "models.csv", "models")
    assert done.state == "ok"
    assert rows(place, "select model_label, name from raw.models") == [("own-1", "Own 1")]
    assert rows(place, "select model_id, method from core.labels") == [("own-1", "imported")]


USAGE = [
    ("empty.csv", b"", "scores", "found no benchmark_id, model_label, score"),
    ("header.csv", b"model_label,benchmark_id,score\n", "scores", "expected rows under the header; found none"),
    ("blank.csv", b"model_label,benchmark_id,score\n,,\n\n", "scores", "expected rows under the header; found none"),
    ("latin.csv", "model_label,benchmark_id,score\nÜ,quiz,1\n".encode("latin-1"), "scores", "expected a CSV file in UTF-8"),
    ("wide.csv", SCORES.encode("utf-16"), "scores", "expected a CSV file in UTF-8"),
    ("sheet.xlsx", b"PK\x03\x04\xff\xfe", "scores", "expected a CSV file in UTF-8, or a Parquet file"),
    ("broken.parquet", b"PAR1 and no more", "scores", "expected a whole Parquet file"),
    ("text.parquet", SCORES.encode(), "scores", "expected a Parquet file; found bytes that begin with b'mode'"),
    ("unknown.csv", b"model_label,benchmark_id,score,points\nA,q,1,2\n", "scores", "found unknown 'points'"),
    ("missing.csv", b"model_label,score\nA,1\n", "scores", "found no benchmark_id"),
    ("twice.csv", b"model_label,benchmark_id,score,score\nA,q,1,2\n", "scores", "expected each column once; found 'score'"),
    ("other.csv", SCORES.encode(), "prices", "found no amount_original, provider_id, token_kind"),
    ("two.csv", (OWN + "A,o,1,N,0,1,,,\nB,o,1,N,0,2,,,\n").encode(), "scores", "expected one score_max of o; found 1.0 and 2.0"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "body", "table", "says"), USAGE, ids=[case[0] for case in USAGE])
def test_a_file_that_cannot_be_used_is_wrong_usage_and_leaves_no_trace(tmp_path, capsys, name, body, table, says):
    file, folder = tmp_path / name, tmp_path / "warehouse"
    file.write_bytes(body)
    assert main(["import", str(file), "--table", table, "--source", "mine", "--warehouse", str(folder)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"convergence import: {file}") and says in said
    assert not folder.exists()


@pytest.mark.parametrize("source", ["Mine", "my-tests", "", "aider", "reference", "a/b"])
def test_a_source_id_is_a_slug_of_its_own(tmp_path, place, source):
    file = tmp_path / "scores.csv"
    file.write_text(SCORES)
    with pytest.raises(UsageError, match="expected a lower-case slug that is no source of this project's"):
        import_file(place, file, "scores", source)


def test_a_file_that_is_not_there_is_wrong_usage(place):
    with pytest.raises(UsageError, match=r"nowhere.csv: expected a .csv or .parquet file; found none"):
        import_file(place, Path("nowhere.csv"), "scores", "mine")


# A world of four models, known to the last figure.
WORLD = {
    "scores": OWN.replace("score,", "score,measured_on,", 1)
    + "Alpha 1,puzzle,50,2024-01-10,Puzzle,0,100,25,true,accuracy\nBeta 1,puzzle,40,2024-02-10,,,,,,\n"
    "Alpha 2,puzzle,60,2024-06-10,,,,,,\nBeta 2,puzzle,61,2024-09-10,,,,,,\n",
    "prices": "model_label,provider_id,token_kind,usd_per_mtok,effective_on\n"
    "Alpha 1,alphaco,input,30,2024-01-01\nAlpha 1,alphaco,output,60,2024-01-01\n"
    "Alpha 2,alphaco,input,3,2024-06-01\nAlpha 2,alphaco,output,15,2024-06-01\n",
    "models": "model_id,name,organization_id,released_on,access,is_base\n"
    "alpha-1,Alpha 1,alphaco,2024-01-01,closed,false\nalpha-2,Alpha 2,alphaco,2024-06-01,closed,false\n"
    "beta-1,Beta 1,betaco,2024-02-01,open,false\nbeta-2,Beta 2,betaco,2024-09-01,open,false\n",
}


@pytest.fixture
def world(place, tmp_path, monkeypatch):
    """Import the world, scores before models; the marts are built once, by the last import."""
    build, publish = steps.build, steps.publish
    monkeypatch.setattr(steps, "build", lambda job: None)
    monkeypatch.setattr(steps, "publish", lambda job: None)
    for table, text in WORLD.items():
        file = tmp_path / f"{table}.csv"
        file.write_text(text)
        if table == "models":
            monkeypatch.setattr(steps, "build", build)
            monkeypatch.setattr(steps, "publish", publish)
        assert import_file(place, file, table, "world", registry=False).exit_code == 0
    return place


def test_an_imported_world_fills_the_marts_with_the_answers_it_was_made_of(world, tmp_path):
    with duckdb.connect(str(world.published), read_only=True) as con:

        def ask(sql):
            return con.execute(sql).fetchall()

        days = [date(2024, 1, 1), date(2024, 6, 1), date(2024, 9, 1)]
        assert ask("select from_on, model_id, score from convergence.frontier where access = 'all' order by 1") == [
            (days[0], "alpha-1", 50.0), (days[1], "alpha-2", 60.0), (days[2], "beta-2", 61.0),
        ]  # fmt: skip
        assert ask("select from_on, model_id from convergence.frontier where access = 'open' order by 1") == [
            (date(2024, 2, 1), "beta-1"), (days[2], "beta-2"),
        ]  # fmt: skip
        gap = "select closed_model_id, open_model_id, gap from convergence.frontier_gap where as_of_on = "
        assert ask(gap + "'2024-06-30'") == [("alpha-2", "beta-1", 20.0)]
        assert ask(gap + "'2024-09-30'") == [("alpha-2", "beta-2", -1.0)]
        price = "select usd_per_mtok from efficiency.price_history where model_id = 'alpha-2' and token_kind = 'input'"
        assert ask(price) == [(Decimal(3),)]
        assert ask(
            "select name, score_max, chance, registered_in from core.benchmarks where benchmark_id = 'puzzle'"
        ) == [("Puzzle", 100.0, 25.0, "import")]
        assert ask("select model_id, is_provisional from core.models order by 1") == [
            (name, False) for name in ("alpha-1", "alpha-2", "beta-1", "beta-2")
        ]
        assert ask("from meta.unresolved_labels") == []
        assert ask("select distinct source_id from core.scores union select source_id from core.prices") == [("world",)]
    file = tmp_path / "scores.csv"
    file.write_text(
        WORLD["scores"].replace("Alpha 2,puzzle,60", "Alpha 2,puzzle,65").replace(",Puzzle,0,", ",The Puzzle,0,")
    )
    assert import_file(world, file, "scores", "world").exit_code == 0
    with duckdb.connect(str(world.published), read_only=True) as con:
        assert con.execute("select model_id, score from convergence.frontier where access = 'all' order by from_on").fetchall() == [
            ("alpha-1", 50.0), ("alpha-2", 65.0),
        ]  # fmt: skip
        assert con.execute("select count(*) from core.scores").fetchall() == [(4,)]
        assert con.execute("select name from core.benchmarks where benchmark_id = 'puzzle'").fetchall() == [
            ("The Puzzle",)
        ]
