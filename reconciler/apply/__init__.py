"""Carry a plan out: the only room in which effects are put in order."""
