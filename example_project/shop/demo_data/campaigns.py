"""The campaigns of the demo: where they run, when, and whom they bring. Pure data."""

from dataclasses import dataclass

from example_project.shop.demo_data.clock import DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One campaign, or one steady stream of visitors, as the URLs of its links tell it."""

    introduces: float  # its share of first visits
    brings_back: float  # its share of later visits
    convinces: float = 1.0  # how much likelier than usual a visit through it ends in an order
    path: str = "/"
    source: str = ""  # the utm_ parameters; without a source the click id alone tells
    medium: str = ""
    campaign: str = ""
    terms: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    utm_id: str = ""
    click_id: str = ""  # name of the parameter
    referrers: tuple[str, ...] = ("",)
    first_day: int = 0
    last_day: int = DAYS - 1
    weekday: int | None = None  # sent on this day only, Monday is 0

    def runs_on(self, day: int) -> bool:
        """Tell whether visits come through it on this day of the sixty."""
        return self.first_day <= day <= self.last_day


GOOGLE = ("https://www.google.com/",)
FACEBOOK = ("https://l.facebook.com/", "https://m.facebook.com/")
INSTAGRAM = ("https://l.instagram.com/",)

CAMPAIGNS = (
    Campaign(
        introduces=6, brings_back=17, convinces=1.7, path="/", source="google", medium="cpc", campaign="brand",
        terms=("quire", "quire notebooks", "quire shop"), utm_id="2041", click_id="gclid", referrers=GOOGLE,
    ),
    Campaign(
        introduces=17, brings_back=5, convinces=0.9, path="/products/", source="google", medium="cpc",
        campaign="notebooks_generic", terms=("dotted notebook", "a5 notebook", "good writing paper"),
        utm_id="2042", click_id="gclid", referrers=GOOGLE,
    ),
    Campaign(introduces=8, brings_back=4, path="/products/", click_id="gclid", referrers=GOOGLE),
    Campaign(
        introduces=5, brings_back=3, convinces=1.1, path="/landing/first-fountain-pen/", source="bing", medium="cpc",
        campaign="fountain_pens", terms=("fountain pen", "first fountain pen"), click_id="msclkid",
        referrers=("https://www.bing.com/",),
    ),
    Campaign(introduces=2, brings_back=1, path="/products/", click_id="msclkid", referrers=("https://www.bing.com/",)),
    Campaign(
        introduces=22, brings_back=8, convinces=0.8, path="/go/paper/", source="facebook", medium="paid_social",
        campaign="paper_week", contents=("carousel", "video_15s", "still_blue"), click_id="fbclid",
        referrers=FACEBOOK, first_day=18, last_day=41,
    ),
    Campaign(introduces=5, brings_back=3, path="/", click_id="fbclid", referrers=FACEBOOK),
    Campaign(
        introduces=16, brings_back=4, convinces=0.7, path="/landing/first-fountain-pen/", source="instagram",
        medium="paid_social", campaign="first_pen_reels", contents=("reel_unboxing", "reel_first_letter"),
        click_id="fbclid", referrers=INSTAGRAM, first_day=6,
    ),
    Campaign(
        introduces=4, brings_back=2, path="/", source="Instagram", medium="social", campaign="bio_link",
        referrers=INSTAGRAM,
    ),
    Campaign(
        introduces=1, brings_back=26, convinces=1.6, path="/products/", source="newsletter", medium="email",
        campaign="tuesday_letter", contents=("top", "story", "footer"), weekday=1,
    ),
    Campaign(
        introduces=0, brings_back=12, convinces=2.4, path="/cart/", source="newsletter", medium="email",
        campaign="cart_reminder",
    ),
    Campaign(introduces=0.5, brings_back=5, convinces=1.4, path="/products/", click_id="mc_cid"),
    Campaign(
        introduces=7, brings_back=2, convinces=1.1, path="/", source="penandpaper", medium="partner",
        campaign="review_of_the_month", referrers=("https://penandpaper.example/reviews/",),
    ),
    Campaign(
        introduces=6, brings_back=5, convinces=1.2, path="/products/", source="dealfinder", medium="affiliate",
        campaign="evergreen", contents=("list", "coupon"), click_id="irclickid",
        referrers=("https://dealfinder.example/stationery/",),
    ),
    Campaign(
        introduces=5, brings_back=3, convinces=1.3, path="/go/team/", source="linkedin", medium="paid_social",
        campaign="for_offices", contents=("ceo", "office_manager"), click_id="li_fat_id",
        referrers=("https://www.linkedin.com/",), first_day=25,
    ),
    Campaign(
        introduces=12, brings_back=1, convinces=0.5, path="/landing/first-fountain-pen/", click_id="ttclid",
        referrers=("https://www.tiktok.com/",), first_day=33, last_day=54,
    ),
    Campaign(
        introduces=3, brings_back=1, convinces=1.2, path="/go/pen/", source="inkcast", medium="audio",
        campaign="episode_88", first_day=12, last_day=30,
    ),
)  # fmt: skip
