"""Many lines at once: planned, made by several processes, and made again only where it matters."""
