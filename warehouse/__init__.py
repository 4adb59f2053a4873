"""Storing and serving: the store's layout, loading, building, publishing."""
