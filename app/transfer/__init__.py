"""Records in and out as files: import with a preview, export through the registry of formats."""
