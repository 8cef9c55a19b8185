"""Reading and writing moving pictures and sound; the only package that touches PyAV."""
