"""The door for everybody: the map, its symbols and its copy in one file."""
