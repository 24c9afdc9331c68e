"""Makes the shipped heads from data the user provides: `python -m stormdesk.understand.training --data DIR`.

Needs scikit-learn, which reading does not. The heads are the same on every run of the same data and versions.
"""
