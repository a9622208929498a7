"""What the GIS door says of itself: landing page, collections, schemas, OpenAPI, conformance."""
