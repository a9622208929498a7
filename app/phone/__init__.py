"""The door for field officers: an app that opens, lists, fills in and saves without a network."""
