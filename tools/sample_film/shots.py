"""The film, shot by shot.

Mira finds a fallen star, Pell knows the way, and Orso builds it a lantern that lights the tower.
"""

from __future__ import annotations

from dataclasses import replace

from tools.sample_film.characters import MIRA, ORSO, PELL
from tools.sample_film.characters.pose import Eyes, Held, Mouth, Pose
from tools.sample_film.settings import CLIFF, CREDITS, HARBOUR, HILLS, TITLE, WOOD, WORKSHOP
from tools.sample_film.staging.camera import Camera, glide, still
from tools.sample_film.staging.performance import Acting, alive, hold, reach, stand, then, walk
from tools.sample_film.staging.stage import Actor, Shot, Transition

CUT, FADE, DISSOLVE = Transition.CUT, Transition.FADE, Transition.DISSOLVE

UNLIT = frozenset({"beam", "lit tower"})

SIDE = Pose(yaw=82, near=0, far=0)


def _title() -> Shot:
    camera = glide(Camera(640, 360, 1.0), Camera(640, 350, 1.06), 0.0, 4.2)
    return Shot("title", TITLE, 3.2, camera, begins=FADE, transition=0.8, tags=("title",))


def _morning() -> Shot:
    """Wide: the hills wake up, Mira comes walking."""
    mira = walk(-140, 640, (1.6, 5.4), 668, 0.62, 118, SIDE, alive(Pose(yaw=60)))
    camera = glide(Camera(980, 340, 1.06), Camera(660, 380, 1.12), 0.0, 4.2)
    cast = (Actor(MIRA, mira, "meadow"),)
    return Shot("morning", HILLS, 5.0, camera, cast, begins=DISSOLVE, transition=1.0)


def _find() -> Shot:
    """Medium: she stops before something that glows in the grass."""
    see = Pose(yaw=50, look=(0.8, -0.6))
    gasp = Pose(
        yaw=45, eyes=Eyes.WIDE, brow=1, mouth=Mouth.ROUND, look=(0.9, -0.8), near=-24, far=40
    )
    point = Pose(yaw=40, mouth=Mouth.OPEN, look=(0.9, -0.8), near=-18, far=64)
    surprise = then((0.0, alive(see)), (2.2, hold(gasp)), (3.2, alive(point, phase=0.2)))
    mira = walk(430, 800, (0.0, 1.5), 690, 1.0, 180, SIDE, surprise)
    camera = glide(Camera(720, 420, 1.22), Camera(880, 440, 1.34), 0.2, 2.0)
    return Shot("find", HILLS, 4.4, camera, (Actor(MIRA, mira, "meadow"),))


def _wonder() -> Shot:
    """Close-up: Mira with the star; she is held still for two seconds."""
    look_down = Pose(yaw=14, near=-16, far=62, held=Held.STAR, look=(0.9, -0.8), eyes=Eyes.WIDE)
    smile = replace(look_down, look=(0.0, 0.0), eyes=Eyes.HAPPY, mouth=Mouth.OPEN, head_tilt=5)
    acting = then(
        (0.0, alive(look_down, blinks=(0.6,))), (1.25, hold(smile)), (3.75, alive(look_down))
    )
    mira = stand(600, 1010, 2.15, acting)
    camera = glide(Camera(640, 372, 1.0), Camera(640, 352, 1.08), 0.0, 1.2)
    hidden = frozenset({"star", "meadow", "grass", "flowers"})
    return Shot("wonder", HILLS, 4.0, camera, (Actor(MIRA, mira, "near hill"),), hidden=hidden)


def _post_round() -> Shot:
    """Tracking: Pell strides through the birch wood."""
    pell = walk(120, 1190, (0.0, 4.6), 664, 0.9, 250, SIDE, alive(SIDE))
    camera = glide(Camera(640, 360, 1.06), Camera(1180, 352, 1.1), -1.2, 5.8)
    return Shot("post round", WOOD, 4.2, camera, (Actor(PELL, pell, "path"),))


def _meeting() -> Shot:
    """Medium: Mira shows her star, a whip pan finds Pell, who bows to it."""
    show = Pose(yaw=38, near=72, far=30, held=Held.STAR, mouth=Mouth.OPEN)
    showing = then((0.0, alive(show, blinks=(1.1,))), (3.5, alive(show, phase=0.3)))
    mira = stand(560, 690, 1.18, showing)
    amazed = Pose(
        yaw=-40, eyes=Eyes.WIDE, mouth=Mouth.OPEN, brow=1, near=20, far=46, look=(0.7, -0.4)
    )
    bow = Pose(yaw=-42, eyes=Eyes.HAPPY, near=66, far=10, head_tilt=9, mouth=Mouth.SMILE)
    pell = stand(1330, 690, 1.05, then((0.0, alive(amazed, blinks=(2.9,))), (3.9, alive(bow))))

    def camera(t: float) -> Camera:
        whip = glide(Camera(600, 400, 1.28), Camera(1290, 346, 1.1), 1.75, 2.3)
        back = glide(Camera(1290, 346, 1.1), Camera(950, 350, 1.02), 3.0, 4.2)
        return whip(t) if t < 2.6 else back(t)

    cast = (Actor(MIRA, mira, "path"), Actor(PELL, pell, "path"))
    return Shot("meeting", WOOD, 5.0, camera, cast)


def _harbour() -> Shot:
    """Wide: dusk over the harbour; Orso alone on the pier at the end of the pan."""
    gaze = Pose(yaw=68, look=(0.6, 0.5), near=-6, far=4)
    orso = stand(1440, 668, 0.74, alive(gaze, blinks=(3.0,)))
    camera = glide(Camera(640, 360, 1.0), Camera(1140, 350, 1.1), 0.3, 3.6)
    return Shot("harbour", HARBOUR, 4.2, camera, (Actor(ORSO, orso, "pier"),))


def _worry() -> Shot:
    """Close-up: Orso is sorry about his dark light, held still, then he sees who comes."""
    sad = Pose(yaw=24, brow=2, mouth=Mouth.FLAT, look=(0.6, 0.6), head_tilt=3)
    glad = Pose(yaw=-28, eyes=Eyes.WIDE, mouth=Mouth.OPEN, brow=1, near=-10, far=14)
    orso = stand(660, 1020, 1.55, then((0.0, hold(sad)), (2.3, alive(glad, blinks=(3.3,)))))
    camera = glide(Camera(640, 360, 1.0), Camera(650, 352, 1.06), 2.2, 3.0)
    hidden = frozenset({"pier", "pier edge", "ropes"})
    return Shot("worry", HARBOUR, 3.8, camera, (Actor(ORSO, orso, "houses"),), hidden=hidden)


def _visitors() -> Shot:
    """Medium: Mira and Pell come along the pier; the three overlap."""
    offer = Pose(yaw=40, near=78, far=30, held=Held.STAR, mouth=Mouth.OPEN)
    bring = Pose(yaw=82, near=62, far=62, held=Held.STAR)
    mira = walk(120, 640, (0.0, 2.1), 692, 1.02, 190, bring, alive(offer, blinks=(3.4,)))
    pell = walk(-90, 470, (0.0, 2.3), 672, 0.93, 270, SIDE, alive(Pose(yaw=44, near=8, far=30)))
    listen = Pose(yaw=-34, mouth=Mouth.FLAT, brow=1, look=(0.8, -0.7))
    joy = Pose(yaw=-30, eyes=Eyes.HAPPY, mouth=Mouth.OPEN, near=-58, far=58)
    orso = stand(900, 682, 0.95, then((0.0, alive(listen)), (3.0, reach(joy, 3.0, 3.5, -64, 64))))
    camera = glide(Camera(700, 360, 1.06), Camera(690, 372, 1.18), 0.6, 3.2)
    cast = (Actor(PELL, pell, "pier"), Actor(ORSO, orso, "pier"), Actor(MIRA, mira, "pier"))
    return Shot("visitors", HARBOUR, 4.4, camera, cast, hidden=frozenset({"ropes"}))


def _building() -> Shot:
    """Interior: focus goes from the lantern before the lens to those who built it."""
    work = Pose(yaw=-22, look=(0.5, -0.8), near=24, far=26, mouth=Mouth.SMILE)
    proud = Pose(yaw=-26, eyes=Eyes.HAPPY, near=40, far=10, held=Held.LANTERN)
    orso = stand(850, 730, 0.98, then((0.0, alive(work)), (3.3, reach(proud, 3.3, 3.9, 82, 10))))
    watch = Pose(yaw=34, look=(0.8, -0.3), near=-16, far=30)
    cheer = Pose(yaw=34, eyes=Eyes.HAPPY, mouth=Mouth.OPEN, near=-30, far=150)
    helping = then((0.0, alive(watch, blinks=(2.6,))), (4.1, reach(cheer, 4.1, 4.5, -40, 128)))
    mira = stand(420, 760, 1.12, helping)
    rack = glide(Camera(x=2.0), Camera(x=1.0), 1.3, 2.1)
    camera = glide(Camera(640, 366, 1.06), Camera(560, 372, 1.14), 1.6, 4.6)
    cast = (Actor(ORSO, orso, "floor"), Actor(MIRA, mira, "floor"))
    return Shot("building", WORKSHOP, 5.6, camera, cast, focus=lambda t: rack(t).x)


def _admiring() -> Shot:
    """Close-up: Pell admires the lantern that he may carry."""
    admire = Pose(yaw=30, near=84, far=16, held=Held.LANTERN, look=(0.9, -0.7), mouth=Mouth.OPEN)
    pell = stand(560, 1090, 1.5, alive(admire, blinks=(0.9, 2.4)))
    camera = glide(Camera(650, 360, 1.0), Camera(650, 346, 1.07), 0.0, 3.2)
    hidden = frozenset({"jars", "floor", "table", "lamp"})
    return Shot("admiring", WORKSHOP, 3.2, camera, (Actor(PELL, pell, "shelves"),), hidden=hidden)


def _procession() -> Shot:
    """Wide: the three carry the light along the cliff."""
    carry = Pose(yaw=82, near=72, far=0, held=Held.LANTERN)
    pell = walk(470, 1040, (0.0, 5.0), 662, 0.62, 168, carry, alive(SIDE))
    mira = walk(250, 850, (0.0, 5.0), 668, 0.66, 122, SIDE, alive(SIDE))
    orso = walk(20, 630, (0.0, 5.0), 660, 0.62, 150, SIDE, alive(SIDE))
    camera = glide(Camera(640, 356, 1.06), Camera(960, 350, 1.1), -0.6, 5.6)
    cast = (Actor(ORSO, orso, "cliff"), Actor(PELL, pell, "cliff"), Actor(MIRA, mira, "cliff"))
    return Shot("procession", CLIFF, 4.4, camera, cast, hidden=UNLIT)


def _hoping() -> Shot:
    """Medium: Mira lifts the lantern between her friends; everyone is held still."""
    lift = Pose(yaw=12, near=-16, far=20, held=Held.LANTERN, look=(0.6, 0.8))
    raised = replace(lift, near=-22, far=128, mouth=Mouth.OPEN)
    lifting = then((0.0, alive(lift)), (0.7, reach(lift, 0.7, 1.3, -22, 128)), (1.5, hold(raised)))
    mira = stand(640, 700, 1.2, lifting)
    orso = stand(930, 690, 1.0, _look_up(Pose(yaw=-24), near=-20, far=26))
    pell = stand(370, 684, 0.9, _look_up(Pose(yaw=30), near=6, far=16))
    camera = still(Camera(650, 366, 1.07))
    cast = (Actor(PELL, pell, "cliff"), Actor(ORSO, orso, "cliff"), Actor(MIRA, mira, "cliff"))
    return Shot("hoping", CLIFF, 4.2, camera, cast, hidden=UNLIT | {"clouds"})


def _look_up(pose: Pose, near: float, far: float) -> Acting:
    """Breathe, then look up at the raised lantern, held still."""
    return then((0.0, alive(pose)), (1.5, hold(replace(pose, look=(0.6, 0.8), near=near, far=far))))


def _light() -> Shot:
    """Wide, no one in sight: the light comes on, and the picture fades."""
    camera = glide(Camera(1240, 350, 1.3), Camera(980, 360, 1.02), 1.3, 4.2)
    return Shot("light", CLIFF, 4.4, camera, fade_out=0.9)


def _credits() -> Shot:
    camera = still(Camera())
    tags = ("credits",)
    return Shot(
        "credits", CREDITS, 4.8, camera, begins=FADE, transition=0.6, fade_out=0.7, tags=tags
    )


SHOTS: tuple[Shot, ...] = (
    _title(),
    _morning(),
    _find(),
    _wonder(),
    _post_round(),
    _meeting(),
    _harbour(),
    _worry(),
    _visitors(),
    _building(),
    _admiring(),
    _procession(),
    _hoping(),
    _light(),
    _credits(),
)
