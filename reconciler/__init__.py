"""A declarative batch reconciler for GREEN-API partner accounts."""

__version__ = "0.1.0"
