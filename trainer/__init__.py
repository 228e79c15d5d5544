"""The program that trains an image model on a dataset and draws panels with it.

It knows folders and nothing of where they come from, and runs unchanged in a container of Amazon
SageMaker, on a studio's GPU and as a process on a laptop. ``train.py`` and ``draw.py`` are its two
entry points; a job's bundle has copies of both at its root, next to this package.
"""
