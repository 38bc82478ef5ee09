"""The views of the storefront: its page, and its endpoints in a file for each thing that people do."""
