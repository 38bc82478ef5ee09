"""The shop as a single-page application: a page, the JSON that it asks for, and a static host to try it from."""
