"""The section that sets a training beside what needs none."""

from __future__ import annotations

from storyboard_ops.core.report.comparison_view import MOST_ROWS, ComparisonView
from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.core.storyboard.compared_sources import SourceFigures, is_training_worth
from storyboard_ops.core.storyboard.consistency import Interval
from storyboard_ops.domain.image_records import Candidate
from tests.material import factories, reports
from tests.reading.report_reading import parsed, section

SOURCES = (
    SourceFigures(
        source="trained", panels=8, likeness=Interval(0.69, 0.46, 0.88, 8), cast_match=0.9,
        copied=0.125, usd=5.61,
    ),
    SourceFigures(
        source="prompts", panels=8, likeness=Interval(0.04, -0.1, 0.2, 8), cast_match=0.5,
        copied=0.0, gain=Interval(0.65, 0.41, 0.84, 8), usd=1.3,
    ),
)  # fmt: skip


def compared(panels: int = 8) -> ReportFacts:
    def candidates(number: int) -> tuple[Candidate, ...]:
        return tuple(
            Candidate(seed=seed, uri=f"s3://b/{number}-{seed}.png", sha256=f"{number}-{seed}")
            for seed in (7, 8)
        )

    shown = tuple(
        factories.panel(n, candidates=candidates(n)).showing(candidates(n)[1])
        for n in range(1, panels + 1)
    )
    others = tuple(
        factories.panel(n, source="prompts", sha256=f"{n}-p", uri=f"s3://b/{n}-p.png")
        for n in range(1, panels)
    )
    measured = reports.measured_storyboard(
        sources=SOURCES, worth=is_training_worth(SOURCES)
    ).model_dump(mode="json")
    return reports.report_facts(panels=shown, compared=others, consistency=measured)


def test_the_table_sets_the_figures_and_prices_side_by_side():
    told = section(parsed(compared()), "worth")
    assert "Training is worth it here: +0.65 likeness (95 % interval +0.41 to +0.84)" in told
    assert "Trained model this run 0.69 (0.46 to 0.88) – 0.9 12% $5.61" in told
    assert "Prompts alone 0.04 (-0.10 to 0.20) +0.65 (+0.41 to +0.84) 0.5 0% $1.30" in told


def test_panels_stand_beside_each_other_with_the_same_seed():
    rows = ComparisonView(compared()).panels
    assert len(rows) == MOST_ROWS
    own, prompted = rows[0].pictures
    assert (own.uri, prompted.uri) == ("s3://b/1-7.png", "s3://b/1-p.png"), "the first seed"
    last = rows[-1]
    assert (last.label, last.pictures[1]) == ("Panel 8", None), "it could not be drawn"


def test_a_run_that_compared_nothing_has_no_such_section():
    facts = reports.report_facts()
    assert ComparisonView(facts).rows == ComparisonView(facts).pictures == ()
    assert "Is training worth it?" not in parsed(facts).text_content()
