"""A registry whose private columns are full of canaries, and what may be asked of it."""

import pytest

from tests.security import canary
from tests.security.canary import HIDDEN_PHOTO, MEASURE, PROPOSAL, SHOWN_PHOTO, SIGNBOARD, SITE, UNIT, VISIT
from tests.security.walk import Ground


@pytest.fixture
def planted(app, database):
    """What was planted; the application's database holds it."""
    with database.write() as db:
        return canary.plant(db)


@pytest.fixture
def ground(planted):
    """What addresses may name: everything that is there, and what is not."""
    return Ground(
        {
            "code": [SITE, SIGNBOARD, MEASURE, PROPOSAL, SITE.lower(), "P6-ST-01", "XX-99"],
            "inspection_id": [str(VISIT), "5eaf00d0-0000-4000-8000-0000000000ff"],
            "feature_id": [SITE, SIGNBOARD, MEASURE, PROPOSAL, str(VISIT), UNIT],
            "position_id": [planted.words["position_proposal.id"]],
            "sha256": [SHOWN_PHOTO, HIDDEN_PHOTO, "0" * 64],
            "person_id": [planted.words["person.id"]],
            "person": [planted.words["person.id"]],
            "token_id": [planted.words["token.id"]],
            "name": ["taluy/fonts.css", "taluy/no-such-thing.css", "../app/settings.py"],
            "place": [SITE, "P6-ST-01"],
            "about": [SITE],
            "site": [SITE],
            "unit": [UNIT],
            "inspection": [str(VISIT)],
            "corrects": [str(VISIT)],
            "seq": [str(planted.given["log_entry.seq"])],
        }
    )
