"""The pages that campaigns lead to, and the short links that are printed and spoken."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Landing:
    """A page written for one campaign: what it says and what it shows."""

    slug: str
    eyebrow: str
    headline: str
    text: str
    kinds: tuple[str, ...]  # of products


LANDINGS = {
    landing.slug: landing
    for landing in (
        Landing(
            slug="paper-week",
            eyebrow="Paper week",
            headline="A fresh page, for less",
            text="Notebooks that lie flat and paper that takes ink without complaint, all week at a friendly price.",
            kinds=("notebook", "paper"),
        ),
        Landing(
            slug="first-fountain-pen",
            eyebrow="New to fountain pens?",
            headline="Your first fountain pen",
            text="It writes under its own weight, it never runs out for good, and it is not hard to clean.",
            kinds=("pen", "ink"),
        ),
        Landing(
            slug="for-offices",
            eyebrow="For teams",
            headline="Paper for people who think together",
            text="Desk pads, pencils and tape by the dozen. One order, one invoice, sent anywhere.",
            kinds=("paper", "pencil", "tape"),
        ),
    )
}

# Where /go/<slug>/ leads. The visit is recorded on the short link, with the parameters of its URL. The redirect drops
# them: a visitor who is sent on has arrived once.
SHORT_LINKS = {"paper": "paper-week", "pen": "first-fountain-pen", "team": "for-offices"}
