"""The brand's rules over everything that goes out."""
