"""Paper, pens and ink: a shop whose visitors come from campaigns."""
