"""The command line: one verb a file, each a thin layer over `api`, `tasks`, `data` and `report`.

At the top of these files stand only light parts of the standard library, so that help and usage errors are instant;
what a command needs, it imports when it runs. No result is computed here.
"""
