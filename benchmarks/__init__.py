"""Figures, printed on request. Heavy and noisy, so no test depends on them."""
