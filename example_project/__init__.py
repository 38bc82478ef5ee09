"""A small shop that shows django-attribution at work. Copy from it what you need."""
