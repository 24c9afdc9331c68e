"""The brand's social accounts and their encrypted secrets."""
