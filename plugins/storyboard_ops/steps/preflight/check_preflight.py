"""Preflight: run every check that is possible before the run spends money."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from storyboard_ops.core.pictures.codec import (
    MODEL_SIDE,
    DecodedPicture,
    decode_picture,
    decode_rgb,
    encode_png,
    fit_within,
)
from storyboard_ops.core.pictures.ground import GROUND_NAME
from storyboard_ops.core.pictures.shrink import shrink_oversized
from storyboard_ops.core.preflight.detector_checks import detector_checks
from storyboard_ops.core.preflight.redraw_cost import HOSTING_HOURS
from storyboard_ops.core.preflight.request_tokens import Size
from storyboard_ops.core.preflight.run_hours import run_hours
from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.error_tree import BadInput, ProductionError, VideoUnreadable
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.domain.money.paid_usage import DRAWN_IMAGE, Usage
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.preflight.estimate_basis import (
    ContainerPlan,
    EstimateBasis,
    RequestTokens,
)
from storyboard_ops.domain.preflight.preflight_report import (
    Check,
    Finding,
    PreflightReport,
    failed,
    passed,
    warned,
)
from storyboard_ops.domain.production_sheet import NONE_OF_THEM, Production
from storyboard_ops.domain.review.desk_choice import DeskChoice
from storyboard_ops.domain.script_record import ScriptRecord
from storyboard_ops.domain.settings.films import FilmSettings
from storyboard_ops.domain.settings.model import BoardSection, DrawingSettings
from storyboard_ops.domain.settings.pictures import DetectionSection
from storyboard_ops.domain.settings.review import ReviewSection
from storyboard_ops.domain.settings.run import suited_settings
from storyboard_ops.domain.settings.storyboard import BreakdownSection
from storyboard_ops.domain.training.trainer_choice import TrainerChoice
from storyboard_ops.gateways.models.limits_file import operation_limits
from storyboard_ops.gateways.money.pricing import cost_of, price_file, price_table
from storyboard_ops.gateways.storage.production_files import LoadedProduction, load_production
from storyboard_ops.steps.money.claims import kept_until
from storyboard_ops.steps.money.container_bills import plan_containers
from storyboard_ops.steps.money.cost_gate import PREFLIGHT, paid_before_consent
from storyboard_ops.steps.preflight.account_checks import account_checks, identity_checks
from storyboard_ops.steps.preflight.check_runner import run_check
from storyboard_ops.steps.preflight.model_checks import check_models
from storyboard_ops.steps.preflight.request_checks import check_requests
from storyboard_ops.steps.preflight.review_desk import choose_desk
from storyboard_ops.steps.preflight.trainer_choice import settle_trainer
from storyboard_ops.steps.report.retimed_lengths import read_retimed_cut
from storyboard_ops.steps.run.tool_box import ROUTES, ToolBox, has_section
from storyboard_ops.steps.sampling.plan_shards import (
    FEWER_FILMS,
    film_bytes,
    indexed_video,
    too_many_films,
)
from storyboard_ops.steps.storyboard.board.chosen_style import in_chosen_style
from storyboard_ops.steps.storyboard.board.revise_board import describe, expected_board
from storyboard_ops.steps.storyboard.breakdown.script_source import load_script, with_script
from storyboard_ops.steps.storyboard.drawn.pictures_left import pictures_left
from storyboard_ops.steps.storyboard.price_run import estimate_run, price

log = logging.getLogger(__name__)

#: The operation of Bedrock or SageMaker behind each unit that they bill.
OPERATIONS = {
    "input_token": "Converse",
    "output_token": "Converse",
    "image": "InvokeModel",
    DRAWN_IMAGE: "InvokeModel",
    "training_image": "CreateModelCustomizationJob",
    "model_unit_hour": "CreateProvisionedModelThroughput",
    "training_hour": "CreateTrainingJob",
    "processing_hour": "CreateProcessingJob",
    "gb_month": "CreateTrainingJob",
}
#: The operation whose least side a reference picture must have, so that it suits every detector.
SMALLEST_BY = "IndexFaces"
#: Longest side, in pixels, of a stored reference picture. Custom Labels trains on pictures of at
#: most 4,096 px per side and 15 MB; a PNG of this size is always smaller.
MOST_REFERENCE_SIDE = 2048


def check_preflight(tools: ToolBox) -> PreflightReport:
    """Check everything, write settings and production of the run, and return the report.

    Raises GateClosed naming every failed check with its remedy; the report is written in that case
    too, if the workspace is accessible.
    """
    findings = _run_checks(tools)
    report = _make_report(findings)
    log.info("Preflight\n%s", report.table())
    if report.failed and findings.has_workspace:
        log.info("The report is at %s.", findings.tools.write_record(PREFLIGHT, report))
    report.raise_for_failures()
    if findings.loaded is not None:
        write_run(findings.tools, findings.loaded, report)
    return report


def preflight_report(tools: ToolBox) -> PreflightReport:
    """Run the same checks without writing anything or raising GateClosed."""
    return _make_report(_run_checks(tools))


def _run_checks(tools: ToolBox) -> _Findings:
    checks = [run_check(name, check, tools) for name, check in identity_checks(tools)]
    findings = _Findings(tools, checks, all(check.state != "fail" for check in checks))
    if not findings.has_workspace:
        return findings
    findings.loaded, production = _check_production(tools)
    checks.append(production.named("production"))
    if findings.loaded is not None:
        settings = suited_settings(tools.settings, findings.loaded.production.settings)
        findings.tools = tools = replace(tools, settings=settings)
        styled = in_chosen_style(findings.loaded.production, settings)
        findings.loaded = replace(findings.loaded, production=styled)
        if has_section(tools, BreakdownSection) and (tools.settings.draws or _carries_on(tools)):
            checks.append(_settle_script(tools, findings, findings.loaded))
        if has_section(tools, DrawingSettings):
            checks.append(run_check("retimed cut", _check_retimed_cut, tools))
    if has_section(tools, FilmSettings):
        findings.frames, findings.sizes, videos = _check_videos(tools)
        checks.append(videos.named("videos"))
    if has_section(tools, ReviewSection):
        checks.append(_settle_desk(tools, findings))
        tools = findings.tools
    slug = findings.loaded.production.slug if findings.loaded else ""
    settled = settle_trainer(tools, slug)
    findings.trainer = settled.choice
    findings.tools = tools = replace(tools, settings=settled.settings)
    checks += settled.checks
    routes, models = check_models(tools)
    checks.append(models.named("models"))
    findings.tools = tools = replace(tools, found_routes=routes)
    if findings.loaded is not None:
        sizes = findings.sizes or [(MODEL_SIDE, MODEL_SIDE)]
        findings.tokens, requests = check_requests(tools, findings.loaded, sizes)
        checks.append(requests.named("requests"))
    checks += [run_check(name, check, tools) for name, check in account_checks(tools)]
    if tools.fargate is not None:
        checks.append(_settle_containers(tools, findings))
    if findings.loaded is not None and tools.settings.draws:
        findings.pictures_left, board = _check_board(tools, findings.loaded.production)
        checks += [board.named("board")] if board else []
    if findings.loaded is not None and isinstance(tools.settings, DetectionSection):
        checks += detector_checks(tools.settings, findings.loaded.production)
    return findings


@dataclass
class _Findings:
    """The checks that were possible, and the facts that they found."""

    tools: ToolBox  # with the parameters that the production file sets, and the chosen desk
    checks: list[Check]
    has_workspace: bool  # without it, nothing can be read or written
    loaded: LoadedProduction | None = None
    frames: int = 0
    pictures_left: int | None = None  # of the board; None: it is not known
    desk: DeskChoice | None = None
    trainer: TrainerChoice | None = None
    sizes: list[Size] = field(default_factory=list)  # of the films' pictures
    tokens: RequestTokens = field(default_factory=RequestTokens)
    script_sha256: str = ""  # of the script that the run names
    containers: ContainerPlan | None = None  # of heavy tasks on Fargate


def _make_report(findings: _Findings) -> PreflightReport:
    tools, loaded = findings.tools, findings.loaded
    table = price_table(tools.region)
    if loaded is None:  # the costs depend on its characters
        return PreflightReport(
            checks=tuple(findings.checks),
            price_table_date=table.dated,
            desk=findings.desk,
            trainer=findings.trainer,
        )
    hours = _count_hosting_hours(tools)
    basis = EstimateBasis(
        frames=findings.frames,
        tokens=findings.tokens,
        hosting_hours=hours,
        containers=findings.containers,
    )
    usages = estimate_run(tools, loaded.production, basis, findings.pictures_left)
    usd, unpriced = price(tools, usages)
    return PreflightReport(
        checks=(*findings.checks, _check_budget(tools, usages, usd, unpriced).named("budget")),
        estimate=usages,
        basis=basis,
        estimate_usd=usd,
        estimate_hours=run_hours(tools.settings, findings.frames, usages),
        unpriced=unpriced,
        price_table_date=table.dated,
        desk=findings.desk,
        trainer=findings.trainer,
        script_sha256=findings.script_sha256,
    )


def _settle_desk(tools: ToolBox[Any], findings: _Findings) -> Check:
    """Choose the desk and put it into the run's settings; without an answer the check fails."""

    def check(tools: ToolBox[Any]) -> Finding:
        findings.desk, found = choose_desk(tools)
        chosen = tools.settings.model_copy(update={"review_desk": findings.desk.desk})
        findings.tools = replace(tools, settings=chosen)
        return found

    return run_check("review desk", check, tools)


def _settle_containers(tools: ToolBox[Any], findings: _Findings) -> Check:
    """Look up the containers of heavy tasks, which the estimate counts."""

    def check(tools: ToolBox[Any]) -> Finding:
        findings.containers, found = plan_containers(tools)
        return found

    return run_check("heavy tasks", check, tools)


def _check_production(tools: ToolBox) -> tuple[LoadedProduction | None, Finding]:
    try:
        loaded, shrunk = _shrink_references(
            load_production(tools.objects, tools.settings.production)
        )
        _refuse_removed(tools, loaded.production)
        cut_out = _refuse_unusable_references(loaded)
        suited_settings(tools.settings, loaded.production.settings)
    except BadInput as error:
        remedy = "Fix the production file, or set the parameter production to another."
        return None, failed(str(error), remedy)
    count = sum(map(len, loaded.references.values()))
    names = ", ".join(character.name for character in loaded.production.characters)
    finding = f"{loaded.production.production}: {names}; {count} reference pictures."
    if cut_out:
        finding += (
            f" Transparent parts of {pluralize(cut_out, 'picture')} are laid on {GROUND_NAME}."
        )
    finding = " ".join((finding, *shrunk))
    return loaded, passed(finding)


def _check_board(tools: ToolBox, production: Production) -> tuple[int | None, Finding | None]:
    """Return the number of pictures that are left to draw, and what changes on the board.

    Neither is known before a model is trained.
    """
    try:
        board = expected_board(tools, production)
        left = pictures_left(tools, production, board)
    except BadInput as error:
        return None, failed(str(error), "Fix the script, or set the parameter board to another.")
    if left is None:
        return None, None
    return left, passed(f"{describe(board)} {pluralize(left, 'picture')} left to draw.")


def _settle_script(tools: ToolBox[Any], findings: _Findings, loaded: LoadedProduction) -> Check:
    """Read the script that the run names, whose panels are estimated instead of the production's.

    That also finds a script that cannot be read before anything is paid for.
    """
    try:
        source = load_script(tools)
        production, record = with_script(tools, loaded.production)
    except BadInput as error:
        remedy = "Fix the script, or set the parameter script to another."
        if _carries_on(tools):
            remedy = "Correct the parameters from_run and redraw."
        return failed(str(error), remedy).named("script")
    findings.loaded = replace(loaded, production=production)
    findings.script_sha256 = source.sha256 if source else ""
    return _judge_script(tools, production, record).named("script")


def _judge_script(
    tools: ToolBox[Any], production: Production, record: ScriptRecord | None
) -> Finding:
    """Return what is drawn, or that nothing is: neither production nor run has a panel."""
    if record:
        return passed(f"{record.origin}: {record}.")
    if _carries_on(tools):
        return passed(f"that of {tools.settings.from_run}.")
    if production.storyboard:
        return passed("the production's own.")
    add = "Name a script in the parameter script, or add a storyboard to the production file"
    if has_section(tools, DrawingSettings):
        return failed("there is none: nothing would be drawn.", f"{add}.")
    return warned(
        "none, so nothing is drawn: the run ends with its dataset, its model and its report.",
        f"{add}, if you want panels.",
    )


def _carries_on(tools: ToolBox[Any]) -> bool:
    """Return whether the run publishes the board of an earlier one again."""
    return has_section(tools, BoardSection) and bool(tools.settings.from_run)


def _check_retimed_cut(tools: ToolBox) -> Finding:
    """Read the cut that the run takes lengths from, before anything is paid for."""
    try:
        cut = read_retimed_cut(tools)
    except BadInput as error:
        return failed(str(error), "Fix the cut, or clear the parameter retimed_cut.")
    if cut is None:
        return passed("none: panels have their lengths from the script.")
    return passed(f"{pluralize(len(cut.events), 'clip')} at {cut.frame_rate}.")


def _refuse_removed(tools: ToolBox, production: Production) -> None:
    for character in production.characters:
        if tombstone := tools.removed.person(production.slug, character.id):
            raise ProductionError(
                f"{character.name} was {tombstone.explanation}. Remove {character.id!r} from the "
                "production file."
            )


def _shrink_references(loaded: LoadedProduction) -> tuple[LoadedProduction, list[str]]:
    """Shrink pictures that are larger than any step decodes; returns a sentence about each.

    Raises ProductionError naming one that cannot be shrunk.
    """
    said: list[str] = []

    def shrink(pictures: Sequence[bytes], whose: str) -> list[bytes]:
        smaller = []
        for number, encoded in enumerate(pictures, start=1):
            where = f"Reference picture {number} of character {whose!r}"
            try:
                picture, remark = shrink_oversized(encoded)
            except BadInput as error:
                raise ProductionError(f"{where} cannot be read: {error}") from error
            smaller.append(picture)
            said.extend([f"{where}: {remark}"] if remark else [])
        return smaller

    references = {id: shrink(pictures, id) for id, pictures in loaded.references.items()}
    strangers = tuple(shrink(loaded.strangers, NONE_OF_THEM))
    return replace(loaded, references=references, strangers=strangers), said


def _refuse_unusable_references(loaded: LoadedProduction) -> int:
    """Return how many pictures are cut out; raises ProductionError naming one that cannot be used.

    Pictures of strangers count, too.
    """
    shown: dict[str, str] = {}
    cut_out = 0
    for character, pictures in (*loaded.references.items(), (NONE_OF_THEM, loaded.strangers)):
        for number, encoded in enumerate(pictures, start=1):
            where = f"reference picture {number} of character {character!r}"
            picture = _usable_reference(encoded, where[0].upper() + where[1:])
            cut_out += picture.is_cut_out
            other = shown.setdefault(sha256_hex(picture.rgb.tobytes()), where)
            if other != where:
                raise ProductionError(
                    f"{where[0].upper()}{where[1:]} is the same picture as {other}. List each "
                    "picture once, and for one character only."
                )
    return cut_out


def _usable_reference(encoded: bytes, where: str) -> DecodedPicture:
    """Decode a picture; raises ProductionError naming it when no detector can use it."""
    # Services get at most MODEL_SIDE pixels per side, so a very oblong picture is too small too.
    least = operation_limits(SMALLEST_BY).side_px[0]
    try:
        picture = decode_picture(encoded)
    except BadInput as error:
        raise ProductionError(f"{where} cannot be read: {error}") from error
    if picture.is_empty:
        raise ProductionError(f"{where} is transparent throughout. Save it with its figure.")
    side = min(fit_within(picture.rgb, MODEL_SIDE).shape[:2])
    if side < least:
        raise ProductionError(
            f"{where} is {side} px on its shorter side when shrunk to fit {MODEL_SIDE} px. "
            f"Replace it with one of at least {least} px."
        )
    return picture


def _check_videos(tools: ToolBox[FilmSettings]) -> tuple[int, list[Size], Finding]:
    """Return the number of frames to sample, the sizes of the films, and the finding."""
    if problem := too_many_films(tools):
        return 0, [], failed(problem, FEWER_FILMS)
    frames, sizes, lost, single = 0, [], [], []
    for uri in tools.settings.videos:
        try:
            with closing(film_bytes(tools, S3Uri.parse(uri))) as source:
                film = indexed_video(tools, source)
                sizes.append(film.picture_size())
                frames += film.clock(tools.settings.interval).count
                single += [uri] if len(film.index.table) == 1 else []
        except VideoUnreadable as error:
            lost.append(str(error))
    count = len(tools.settings.videos)
    if not count:  # preflight alone, before there are films
        return 0, [], passed("no film is listed, so none is sampled.")
    readable = f"{count} readable, {frames:,} frames to sample."
    if single and not lost:
        finding = f"{readable} {', '.join(single)}: a single frame, as of a still picture."
        return frames, sizes, warned(finding, "Check that the film itself was uploaded.")
    if not lost:
        return frames, sizes, passed(readable)
    finding = f"{len(lost)} of {count} cannot be read. " + " ".join(lost)
    allowed = tools.settings.max_lost_share
    if len(lost) < count and len(lost) / count <= allowed:
        return frames, sizes, warned(finding)
    return (
        frames,
        sizes,
        failed(
            finding,
            f"Upload them again or remove them from the list; a share of {allowed:g} may be "
            "unreadable (max_lost_share).",
        ),
    )


def _count_hosting_hours(tools: ToolBox) -> int:
    """Return the hours of billed capacity: for the drawing, or until it is no longer kept."""
    now = tools.clock()
    until = kept_until(tools, bought_at=now)
    kept = (until - now).total_seconds() / 3600 if until else 0.0
    return max(HOSTING_HOURS, math.ceil(kept))


def _check_budget(
    tools: ToolBox, usages: Sequence[Usage], usd: float, unpriced: Sequence[Usage]
) -> Finding:
    """Compare the estimate with the budget, and what is paid before anybody is asked.

    ``unpriced``: what the run would buy without a price in its region. The estimate lacks its cost,
    so the budget cannot limit it.
    """
    budget = tools.settings.budget_usd
    if unpriced:
        names = ", ".join(dict.fromkeys(map(_name_operation, unpriced)))
        return failed(
            f"no sourced price in {tools.region} for {names}, so the budget does not cover it.",
            f"Add the prices with date and source to {price_file(tools.region)} (prices of another "
            "region do not count), choose what has a price there, or run in a region that has one.",
        )
    if usd <= budget:
        return passed(f"estimate {usd:,.2f} USD is within {budget:,.2f} USD.")
    finding = f"estimate {usd:,.2f} USD is above the budget of {budget:,.2f} USD"
    before, _ = cost_of(paid_before_consent(usages), tools.region)
    if before > budget:  # asking before the training would come too late
        dataset = f"{finding}, {before:,.2f} USD of it for the dataset."
        return failed(
            dataset, "Raise budget_usd, or lower the number of films, or raise sample_interval_s."
        )
    if tools.settings.over_budget == "ask":
        return warned(f"{finding}; the run will request approval before the training.")
    return failed(
        f"{finding}.",
        "Raise budget_usd, set over_budget to ask, or lower step_count, batch_size or the number "
        "of films.",
    )


def _name_operation(usage: Usage) -> str:
    """Name what is billed by its operation, e.g. ``Converse of amazon.nova-pro-v1:0``."""
    operation = OPERATIONS.get(usage.unit)
    by_operation = operation and usage.service in ("bedrock", "sagemaker")
    return f"{operation} of {usage.item}" if by_operation else usage.item


def write_run(tools: ToolBox, loaded: LoadedProduction, report: PreflightReport) -> None:
    """Write settings, production and report of the run; references are stored by their hash."""
    production = _store_references(tools, loaded)
    tools.write_record("settings.json", tools.settings)
    tools.write_record("production.json", production)
    tools.write_record(ROUTES, tools.routes)
    tools.write_record(PREFLIGHT, report)


def _store_references(tools: ToolBox, loaded: LoadedProduction) -> Production:
    characters = []
    for character in loaded.production.characters:
        uris = tuple(_store_picture(tools, picture) for picture in loaded.references[character.id])
        characters.append(character.model_copy(update={"references": uris}))
    strangers = tuple(_store_picture(tools, picture) for picture in loaded.strangers)
    stored = {"characters": tuple(characters), "strangers": strangers}
    return loaded.production.model_copy(update=stored)


def _store_picture(tools: ToolBox, picture: bytes) -> str:
    png = encode_png(fit_within(decode_rgb(picture), MOST_REFERENCE_SIDE))
    uri: S3Uri = tools.workspace.reference(sha256_hex(png))
    return tools.objects.put(uri, png, "image/png")
