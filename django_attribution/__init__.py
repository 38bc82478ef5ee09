"""First-party marketing attribution for Django: which campaign earned the conversion, and its revenue."""

__version__ = "0.1.0"
