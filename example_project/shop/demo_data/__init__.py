"""Two believable months of visits and orders, for ``load_demo_data``.

``campaigns``, ``clock``, ``visitors`` and ``journeys`` invent what happened and know nothing of Django. ``browsers``,
``facts`` and ``rows`` turn it into rows, ``shelves`` and ``people`` add products and logins, ``loading`` does it all.
``marks`` tells what was written here from what people did themselves.
"""
