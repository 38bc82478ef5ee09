"""The products of the demo shop. Those that are there already stay as they are, edited prices included."""

from decimal import Decimal

from django.utils.text import slugify

from example_project.shop.models import Product

_PRODUCTS = (
    # name, kind, USD, EUR, summary, description
    ("A5 Notebook, dotted", "notebook", "24.00", "22.50", "Lies flat from the first page on.",
     "160 pages of 90 g paper, thread-sewn, with a ribbon and numbered pages. Fountain pens do not show through."),
    ("A6 Pocket Notebook", "notebook", "14.00", "12.90", "Fits a shirt pocket, survives it too.",
     "96 plain pages between covers of waxed cotton. The last sixteen tear out cleanly."),
    ("Desk Pad, weekly", "paper", "19.50", "17.90", "One week on one sheet.",
     "54 undated sheets, seven columns and room for what will not fit into any of them."),
    ("Letter Set, cotton", "paper", "29.00", "26.50", "Twenty sheets, twenty lined envelopes.",
     "Cotton paper with a soft, even surface. Ink dries slowly on it, and looks the better for it."),
    ("Everyday Fountain Pen", "pen", "39.00", "36.00", "The one you will lend and want back.",
     "A steel nib, fine or medium, in a barrel light enough for long letters. Comes with a converter."),
    ("Brass Fountain Pen", "pen", "118.00", "109.00", "Heavy, patient, made to be kept.",
     "Turned from one piece of brass that darkens where you hold it. The gold-plated nib can be exchanged."),
    ("Pencil Trio, cedar", "pencil", "9.50", "8.90", "HB, 2B and 4B, unpainted.",
     "Californian cedar, oiled and not painted, sharpened by hand once. After that it is your turn."),
    ("Ink, harbour blue", "ink", "16.00", "14.50", "A blue that turns grey at the edges.",
     "50 ml in a glass bottle with a wide neck. Washes out of converters, and of most shirts."),
    ("Ink, oak gall black", "ink", "21.00", "19.50", "For what has to last.",
     "50 ml of iron gall ink after an old recipe: it darkens as it dries and does not fade."),
    ("Paper Tape, four colours", "tape", "11.00", "9.90", "Holds a page, lets it go again.",
     "Four rolls of ten metres. Can be written on, and peeled off without leaving a trace."),
)  # fmt: skip


def fill_shelves() -> list[Product]:
    """Return the demo's products, adding those that are missing."""
    return [_on_shelf(*columns) for columns in _PRODUCTS]


def _on_shelf(name: str, kind: str, usd: str, eur: str, summary: str, description: str) -> Product:
    product, _ = Product.objects.get_or_create(
        slug=slugify(name),
        defaults={
            "name": name,
            "kind": kind,
            "price_usd": Decimal(usd),
            "price_eur": Decimal(eur),
            "summary": summary,
            "description": description,
        },
    )
    return product
