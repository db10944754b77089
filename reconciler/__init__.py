"""A declarative batch reconciler for GREEN-API partner accounts."""

__version__ = "0.2.0"
