"""Native planes to RGB and back, one region at a time.

RGB here is always the *encoded* signal (no transfer function is undone), float32, ``[h, w, 3]``
in R, G, B order, nominal range 0 to 1, not clipped: super-whites survive the round trip.
The matrix, range and siting are the stream's own; what the stream leaves unspecified is
taken as BT.709 for pictures 720 rows high or more, else BT.601, limited range, left siting,
as players do.
"""
