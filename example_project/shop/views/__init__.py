"""The shop's views, a file for each thing that people do here."""
