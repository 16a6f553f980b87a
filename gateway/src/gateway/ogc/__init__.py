"""OGC API – Features (G2): the sites and their slots for QGIS, GDAL and every other GIS.

    reference_systems   which coordinate reference systems, in which axis order
    collections         what there is, in the reader's language
    parameters          what an address asks for; whatever it does not know is a bad request, as the standard wants
    description         the OpenAPI 3.0 document and the JSON Schemas of the queryables
    answers             JSON or HTML, the links between the two
    views               the resources

Part 1 (core, geojson, html, oas30), Part 2 (crs) and the queryables of Part 3 are kept; `views.CONFORMS_TO` says so.
"""

from flask import Flask

from gateway.ogc.views import blueprint


def register(app: Flask) -> None:
    """Put the OGC API under /ogc."""
    app.register_blueprint(blueprint)
